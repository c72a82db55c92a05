"""Floor 6: the lab, a page on which a network is built, trained live, and opened box by box.

Read in this order. Without a page: `configuration` (what a learner has chosen, as plain data),
`data` (rows to learn from), `estimator` (what both describe), `session` (one learner's network
while it learns) with `measurements`, `snapshot` and `runner` (its thread), `pictures` and
`gradient_flow` (arrays to SVG), `exports` (lines of Python, files), `uploads` (tables that are
sent), `lessons` and `texts` (words in two languages), `clients` (who is in), `auth` (who may come
in). The page: `page_state` (what one tab of a browser shows), `updates` (what has changed),
`actions` (what happens when something is pressed), `controls` (buttons and fields), `sections`,
`unit_card`, `tabs` and `trace_tab` (what stands where), `page`, and `app` (the server). `page.css`
and `page.js` go to the browser.
"""
