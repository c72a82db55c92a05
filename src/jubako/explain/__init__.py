"""Floor 4: a network that shows its working.

`tracer` makes one step and keeps every number of it in a `trace`; `trace_index` names the place of
each number, and `formula` (with `derivations` and `expression`) what it was computed from.
`selection` chooses what is shown, and `render` shows it as HTML, SVG or text. `gradcheck` compares
gradients with finite differences.
"""
