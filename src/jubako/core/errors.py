"""The error of an invalid parameter."""


class ParameterError(ValueError):
    """An invalid parameter, or combination of parameters: one sentence with the reason."""
