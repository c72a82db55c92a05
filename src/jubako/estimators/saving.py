"""Saving of estimators: a model file holds the model and the parameters."""

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from jubako._version import __version__
from jubako.core.activations import Array
from jubako.model.model import Model
from jubako.model.model_file import write_file
from jubako.model.model_json import model_to_plain


class Saving:
    """An estimator that can be saved and loaded."""

    if TYPE_CHECKING:  # set by fit
        model_: Model

    def save(self, path: str | Path, note: dict[str, Any] | None = None) -> None:
        """Save the fitted model as one file that `jubako.load` reads.

        The file contains the parameters, the encoding of the columns, the labels and the weights,
        but no rows. (Levels of categories and labels are values from the table.) It is in the
        safetensors format, and contains no code.

        Parameters
        ----------
        path : str or Path
        note : dict, optional
            JSON values to save with the model. `jubako inspect` shows them.

        Raises
        ------
        OSError
            If the file can't be written.
        ModelFileError
            If the labels can't be saved.
        """
        check_is_fitted(self, "model_")
        description, arrays = self.describe()
        description |= {"estimator": type(self).__name__, "library_version": __version__}
        write_file(path, description | {"note": note or {}}, arrays)

    def export(self, path: str | Path) -> None:
        """Export the fitted model to a format that works without Jubako.

        Parameters
        ----------
        path : str or Path
            Its suffix determines the format. `.onnx` is for ONNX runtimes: one input for each
            column. `.py` is a Python file that needs NumPy only, with its numbers beside it in an
            `.npz` file. `.html` is a page with a form that predicts in the browser.

        Raises
        ------
        ModelFileError
            If there is no such format, or a part of the model can't be exported.
        ImportError
            If the package onnx is missing.
        OSError
            If the file can't be written.
        """
        from jubako.export.formats import export_model

        check_is_fitted(self, "model_")
        export_model(self.model_, Path(path))

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the model and the parameters as JSON values and arrays."""
        words, arrays = model_to_plain(self.model_)
        return words | {"params": plain_params(self)}, arrays

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Restore the estimator that `describe` has described.

        Raises
        ------
        ValueError
            If the description is invalid, or the arrays do not fit it.
        """
        raise NotImplementedError


def plain_params(model: Any) -> dict[str, Any]:
    """Return the parameters that a file can store: callables and generators are omitted."""
    params = {}
    for name, value in model.get_params(deep=False).items():
        if name == "run_dir":  # a place on this machine
            continue
        if isinstance(value, np.ndarray | np.generic):
            value = value.tolist()
        if isinstance(value, tuple):
            value = list(value)
        if isinstance(value, float) and not isfinite(value):
            value = str(value)  # JSON has no infinity
        items = value if isinstance(value, list) else [value]
        if all(item is None or isinstance(item, bool | int | float | str) for item in items):
            params[name] = value
    return params


def as_param(value: Any) -> Any:
    """Invert `plain_params`."""
    if isinstance(value, list):
        return tuple(value)
    return float(value) if value in ("inf", "-inf", "nan") else value
