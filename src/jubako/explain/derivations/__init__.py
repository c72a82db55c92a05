"""Derivations: the formulas of all values of a step, for layers, losses and optimizers."""
