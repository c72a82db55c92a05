"""Floor 7: the lab, a page on which a network is built, trained live, and opened box by box.

Read in this order. Without a page: `configuration` (all settings, as plain data), `shapes`,
`uploaded_table` and `data` (the rows), `estimator` (what both describe), `session` (one learner's
network while it trains) with `measurements`, `snapshot` and `runner` (its thread), `pictures` and
`gradient_flow` (arrays to SVG), `exports` (Python programs, files), `uploads` (reading uploaded
tables), `lessons`, `lesson_text`, `texts` and `translator` (texts in two languages), `clients`
(sessions by browser), `auth` (the guard). The page: `page_state` (the state of one tab of a
browser), `updates` (what has changed), `actions` (reactions to the user), `controls` (buttons and
fields), `sections`, `unit_card`, `tabs` and `trace_tab` (the parts of the page), `page`, and `app`
(the server). `page.css` and `page.js` run in the browser.
"""
