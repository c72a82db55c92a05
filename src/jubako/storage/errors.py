"""What can be wrong with a model file."""


class ModelFileError(Exception):
    """One sentence: which file, what is wrong with it, and what to do."""
