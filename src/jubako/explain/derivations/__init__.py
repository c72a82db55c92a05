"""Derivations: how each number of a step is computed, for layers, losses and optimizers."""
