"""`model.report`: a report of an estimator on rows with their target."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
from sklearn.utils.validation import check_is_fitted

from jubako._version import __version__
from jubako.core.errors import ParameterError
from jubako.data.dataset import Dataset
from jubako.i18n.language import Language

from .saving import plain_params

if TYPE_CHECKING:
    from jubako.model.model import Model
    from jubako.report.display import DisplayedReport


class Reporting:
    """An estimator with a report."""

    if TYPE_CHECKING:  # set by fit
        model_: Model

    def report(self, X: Any, y: Any, *, rows: int = 0, language: str = "en") -> "DisplayedReport":
        """Compute a report on rows that the model has not seen.

        Parameters
        ----------
        X, y : as in `fit`
            Rows with their target.
        rows : int >= 0, default 0
            Number of rows with the largest errors to show, with their values.
        language : {"en", "ja"}, default "en"

        Returns
        -------
        DisplayedReport
            It shows itself in notebooks. `report.save("report.html")` writes a page that needs
            nothing else, `report.save("report.json")` its facts, which are `report.facts`.

        Raises
        ------
        NotFittedError, TableError
            Before `fit`, or if the rows do not fit the fitted estimator.
        ParameterError
            If a parameter is invalid, or the model has several targets.
        """
        from jubako.report.compute import compute_report  # late: it loads much of scikit-learn
        from jubako.report.display import DisplayedReport
        from jubako.report.report import Source

        check_is_fitted(self, "model_")
        if not isinstance(cast(object, rows), int) or rows < 0:
            raise ParameterError(f"rows={rows!r} must be an int >= 0.")
        if language not in set(Language):
            raise ParameterError(f"language={language!r} must be 'en' or 'ja'.")
        dataset = report_rows(self, X, y)
        name = type(self).__name__
        source = Source(
            model=name,
            data="X",
            target=str(getattr(y, "name", None) or "y"),
            estimator=call_of(self),
            version=__version__,
        )
        facts = compute_report(self.model_, dataset, source, rows)
        return DisplayedReport(facts, Language(language))


def report_rows(estimator: Any, X: Any, y: Any) -> Dataset:
    """Return rows as a dataset; an array becomes a table with a column for each feature.

    Raises
    ------
    ParameterError
        If the model has several targets, or X has no rows.
    TableError
        If no label is one that the model knows.
    """
    model = estimator.model_
    inputs, target = estimator.check_rows(X, y)
    target = np.asarray(target)
    if target.ndim != 1:
        raise ParameterError("A report is of one target, but this model has several.")
    if not len(target):
        raise ParameterError("X has no rows: a report needs some.")
    if not isinstance(inputs, pa.Table):
        inputs = inputs.toarray() if hasattr(inputs, "toarray") else np.asarray(inputs)
        names = model.input_names or [f"x{i + 1}" for i in range(inputs.shape[1])]
        inputs = pa.table(dict(zip(names, inputs.T.astype(np.float64), strict=True)))
    if model.classes is not None and not np.isin(target, model.classes).any():
        raise ParameterError(
            f"y has none of the classes that the model knows: {model.classes.tolist()[:10]}."
        )
    if model.classes is None:
        target = target.astype(np.float64)
    return Dataset(inputs, target)


def call_of(estimator: Any) -> str:
    """Return the call that makes an estimator, with the parameters that are not the default.

    >>> from jubako import TabularClassifier
    >>> call_of(TabularClassifier("fast", random_state=0))
    "TabularClassifier(preset='fast', random_state=0)"
    """
    defaults = plain_params(type(estimator)())
    changed = [
        f"{name}={value!r}"
        for name, value in plain_params(estimator).items()
        if name not in defaults or value != defaults[name]
    ]
    return f"{type(estimator).__name__}({', '.join(changed)})"
