"""Layer 8: the lab, a page on which networks are built, trained live and inspected.

Read in this order. Without a page: `configuration` (all settings, as plain data), `shapes`,
`uploaded_table` and `data` (the rows), `estimator` (what both describe), `session` (a network in
training) with `measurements`, `snapshot` and `runner` (its thread), `pictures` and
`gradient_flow` (arrays to SVG), `exports` (Python programs, files), `uploads` (reading uploaded
tables), `lessons`, `lesson_text`, `texts` and `translator` (texts in two languages), `clients`
(sessions by browser), `auth` (the guard). The page: `page_state` (the state of one tab of a
browser), `updates` (what has changed), `actions` (reactions to the user), `controls` (buttons and
fields), `sections`, `unit_card`, `tabs` and `trace_tab` (the parts of the page), `page`, and `app`
(the server). `page.css` and `page.js` run in the browser.
"""
