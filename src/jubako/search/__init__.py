"""Search: candidates, cross-validation, and the ensemble of those that predict best."""
