"""Engines: what computes the passes. Training is the same for all of them."""
