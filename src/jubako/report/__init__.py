"""Layer 5: a report on a model and rows with its target: plain data, and a page."""
