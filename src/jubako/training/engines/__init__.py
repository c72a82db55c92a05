"""Engines, which compute the passes and updates of training."""
