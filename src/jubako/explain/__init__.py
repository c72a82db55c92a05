"""Floor 3: a network that shows its working.

`trace` makes one step and keeps every number; `cells` says where each stands, `formula` (with
`rules` and `expression`) what it was computed from. `view` chooses what is shown, `page`, `drawing`
and `recording` show it as HTML, `terminal` as text. `gradcheck` compares with finite differences.
"""
