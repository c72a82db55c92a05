"""Layer 2: training: optimizers, schedules, the training loop, and the engines.

Read in this order: `optimizers`, `schedules`, `config`, `state`, `engines.base`,
`engines.numpy_engine`, `loop`.
"""
