"""Layer 4: the values and formulas of a training step.

`tracer` computes one step and records all values in a `trace`; `trace_index` names the position of
each value, and `formula` (with `derivations` and `expression`) returns its formula. `selection`
chooses what is shown, and `render` shows it as HTML, SVG or text. `gradcheck` compares gradients
with finite differences.
"""
