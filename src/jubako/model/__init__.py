"""Layer 3: fitted models, and model files."""
