"""Floor 6: the lab, a page on which a network is built, trained live, and opened box by box.

Read in this order. Without a page: `setup` (what a learner has chosen, as plain data), `data` (rows
to learn from), `session` (one learner's network while it learns), `flow` and `pictures` (arrays to
SVG), `takeaway` (lines of Python, files), `reader` (uploads), `lessons` and `texts` (words in two
languages), `learners` (who is in), `guard` (who may come in). The page: `controls` (buttons and
fields), `parts` (what stands where), `tabs` and `inside` (what is below), `page` (what happens),
and `app` (the server). `page.css` and `page.js` go to the browser.
"""
