"""Floor 2: training. What an update is, how a run goes, and the engines that compute it.

Read in this order: `optimizers`, `schedules`, `config`, `state`, `engines.base`,
`engines.numpy_engine`, `loop`.
"""
