"""The error of an invalid parameter."""


class ParameterError(ValueError):
    """A parameter, or a combination of parameters, that can't be used: one sentence that says why.

    Other ValueErrors that are no `TableError` and no `ModelFileError` are defects of this library.
    """
