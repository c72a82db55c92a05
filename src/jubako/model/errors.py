"""The error of a model file."""


class ModelFileError(ValueError):
    """One sentence: which file, what is wrong with it, and what to do."""
