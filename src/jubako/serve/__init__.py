"""Layer 7: a service that predicts by HTTP; see `docs/serve.md`.

Read in this order. Without a network: `limits`, `errors` (answers that refuse, in two languages),
`json_rows`, `arrow_stream` and `requests` (rows of a request), `options` (its parameters),
`answers` (predictions as JSON, CSV or Arrow), `prediction` (from a body to an answer), `openapi`
(the description of the service). Then `model_file` (the model, reloaded when its file is replaced),
`workers` (threads with a bounded queue), `metrics`, `guard` (token and Host), `app` (the routes),
`connection` and `server` (the process).
"""
