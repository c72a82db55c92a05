"""Layer 4: model search: candidates, cross-validation, ensemble selection, refit."""
