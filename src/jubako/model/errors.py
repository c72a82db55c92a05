"""The error of a model file."""


class ModelFileError(ValueError):
    """The error of a model file: one sentence with the file, the problem, and what to do."""
