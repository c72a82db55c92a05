"""Pictures: arrays as SVG and HTML. Each is drawn once; then only what has changed is sent.

What is sent is a dictionary from the id of an element to its new attributes; "text" and "html"
stand for what is inside it.
"""

Changes = dict[str, dict[str, str]]
