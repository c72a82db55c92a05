"""Floor 2: learning. What an update is, how a run goes, and the engines that compute it.

Read in this order: `optimizers`, `schedules`, `engine`, `loop`.
"""
