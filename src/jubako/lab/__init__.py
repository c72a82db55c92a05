"""Floor 6: the lab, a page on which a network is built, trained live, and opened box by box.

Read in this order: `setup` (what a learner has chosen, as plain data), `data` (rows to learn from),
`session` (one learner's network while it learns; no page in it), `pictures` (arrays to SVG),
`lessons` and `texts` (words in two languages), `guard` (who may come in), `learners` (who is in),
`page` (what is on the page) and `app` (the server). `page.css` and `page.js` go to the browser.
"""
