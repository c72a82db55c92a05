"""Jubako: neural networks for tabular data."""

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .estimators import (
        MLPClassifier,
        MLPRegressor,
        TabularClassifier,
        TabularRegressor,
        load,
        trace,
    )

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "TabularClassifier",
    "TabularRegressor",
    "__version__",
    "load",
    "trace",
]


def __getattr__(name: str) -> Any:
    """Import the estimators, and scikit-learn with them, on first access."""
    if name not in __all__:
        raise AttributeError(f"module 'jubako' has no attribute {name!r}")
    from . import estimators

    return getattr(estimators, name)


def __dir__() -> list[str]:
    return __all__
