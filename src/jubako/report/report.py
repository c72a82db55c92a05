"""The facts of a report, as plain data: `dataclasses.asdict` of a `Report` is its JSON.

Texts are English; those that are a `Message` are translated by the page.
"""

from dataclasses import dataclass, field
from typing import Any

from jubako.data.target_column import Task
from jubako.evaluation.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model and its rows come from.

    Parameters
    ----------
    model : str
        Its file, or the name of its class.
    data : str
        Name of the table.
    target : str
    estimator : str
        The call with which it was made: TabularClassifier(preset='fast').
    command : str
        The command that writes this report; empty in Python.
    seed : int or None
        Of the training, if it is known.
    version : str
        Of Jubako, when the model was saved.
    file_sha256 : str
        Of the model file; empty in Python.
    training : dict
        What the model file notes of its training: table, rows, seconds.
    read_as : str
        The format of the table.
    n_without_target : int
        Number of rows that were left out.
    notes : tuple of str
        On how the table was read.
    """

    model: str
    data: str
    target: str
    estimator: str = ""
    command: str = ""
    seed: int | None = None
    version: str = ""
    file_sha256: str = ""
    training: dict[str, Any] = field(default_factory=dict)
    read_as: str = ""
    n_without_target: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model is.

    Parameters
    ----------
    task : {"classify", "regress"}
    classes : tuple of str
        Its labels; empty in regression.
    n_networks, n_parameters : int
        In the ensemble.
    stopped : str
        Why training ended; see `TrainingLog`.
    loss : float or None
        See `TrainingLog`; None if it was not finite.
    seconds : float
        Of the training.
    distilled : bool
        Whether it is a student; see `TrainingLog`.
    """

    task: Task
    classes: tuple[str, ...]
    n_networks: int
    n_parameters: int
    stopped: str
    loss: float | None
    seconds: float
    distilled: bool


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """How the model reads a column.

    Parameters
    ----------
    name : str
    type : str
        As in `jubako.data.profile.ColumnProfile`; "unknown" if the model has not seen it.
    use : str
        Its statistics or levels in training.
    dropped : str
        Why the model does not use it; empty if it does.
    missing : int or None
        Rows without a value; None if the table lacks the column, which is not used.
    """

    name: str
    type: str
    use: str
    dropped: str
    missing: int | None


@dataclass(frozen=True, slots=True)
class Scores:
    """The metrics of a model, their intervals, and the metrics of baselines.

    Parameters
    ----------
    metrics : dict
        As `jubako evaluate` computes them.
    intervals : dict of str to (float, float)
        95 % bootstrap intervals of those that are numbers.
    n_resamples : int
    baselines : dict of dict
        The same metrics, cross-validated on these rows.
    differences : dict of dict
        By baseline and metric: the 95 % bootstrap interval of how much better the model is, on the
        rows of the baselines.
    n_compared : int
        Number of rows on which the baselines were cross-validated.
    """

    metrics: Metrics
    intervals: dict[str, tuple[float, float]]
    n_resamples: int
    baselines: dict[str, Metrics]
    differences: dict[str, dict[str, tuple[float, float]]]
    n_compared: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve of one class.

    Parameters
    ----------
    label : str
        The class.
    x, y : list of float
        Its points.
    """

    label: str
    x: list[float]
    y: list[float]


@dataclass(frozen=True, slots=True)
class ClassDiagnostics:
    """How probabilities and labels agree.

    Parameters
    ----------
    roc, pr : list of Curve
        False positive rate and recall; recall and precision. Of the second of two classes, or of
        each of the most frequent ones against the rest.
    calibration : list of dict
        See `jubako.evaluation.metrics.calibration_bins`.
    labels : list of str
        Of the confusion matrix.
    confusion : list of list of int
        Rows are true classes, columns are predicted ones; empty for too many classes.
    confused : list of dict
        The most frequent errors: "true", "predicted", "rows".
    """

    roc: list[Curve]
    pr: list[Curve]
    calibration: list[dict[str, Any]]
    labels: list[str]
    confusion: list[list[int]]
    confused: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class NumberDiagnostics:
    """How predicted and true numbers agree.

    Parameters
    ----------
    by_prediction : list of dict
        Bins of equally many rows, by the prediction: "rows", "predicted" and "true" (means), "low"
        and "high" (10 % and 90 % quantiles of the true number).
    residuals : list of dict
        Bins of true minus predicted: "low", "high" (None at the ends), "rows".
    """

    by_prediction: list[dict[str, Any]]
    residuals: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of the rows whose true value is in the interval or set.

    Parameters
    ----------
    nominal, covered : float in (0, 1)
    error : float
        Two standard errors of `covered`.
    size : float
        Mean width of the intervals, or mean number of classes in the sets.
    """

    nominal: float
    covered: float
    error: float
    size: float


@dataclass(frozen=True, slots=True)
class ImportanceFacts:
    """The permutation importance of a column.

    Parameters
    ----------
    column : str
    mean : float
        Mean over the repeats.
    standard_error : float or None
        Of the mean; None for a single repeat.
    repeats : int
    """

    column: str
    mean: float
    standard_error: float | None
    repeats: int


@dataclass(frozen=True, slots=True)
class DependenceFacts:
    """The partial dependence on a column: a mean prediction for each value and output.

    Parameters
    ----------
    column : str
    ordered : bool
        Whether there are values between two values.
    values : list
    mean_prediction : dict of str to list of float
        By class, or by the target.
    """

    column: str
    ordered: bool
    values: list[Any]
    mean_prediction: dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the predictions depend on.

    Parameters
    ----------
    metric : {"log_loss", "r2"}
    value : float
        The metric on `n_rows` rows.
    n_rows : int
    importances : list of ImportanceFacts
    n_columns : int
        Columns of the model, of which some may not have been shuffled in time.
    dependences : list of DependenceFacts
    """

    metric: str
    value: float
    n_rows: int
    importances: list[ImportanceFacts]
    n_columns: int
    dependences: list[DependenceFacts]


@dataclass(frozen=True, slots=True)
class Drift:
    """How the values of a column differ from those in training, by what the model keeps.

    Parameters
    ----------
    column : str
    kind : str
        Type of the column.
    distance : float or None
        From 0 to 1: the Kolmogorov-Smirnov distance of numbers to the quantiles in training, or the
        total variation distance of the shares of levels; None where the model keeps neither.
    limit : float or None
        The distance from which the column has shifted.
    shift : float or None
        Median now minus in training, in IQRs; of dates, times and columns of two numbers, whose
        center may be the mean, and whose scale the standard deviation.
    outside : float or None
        Share of the rows outside of the range in training.
    unseen : float or None
        Share of the rows with a level that was rare or absent in training.
    example : str
        The most frequent such level.
    missing : float
        Share of the rows without a value.
    was_missing : bool or None
        Whether values were missing in training; None if the model does not keep it.
    reasons : tuple of str
        Why the column has shifted; empty if it has not.
    """

    column: str
    kind: str
    distance: float | None = None
    limit: float | None = None
    shift: float | None = None
    outside: float | None = None
    unseen: float | None = None
    example: str = ""
    missing: float = 0.0
    was_missing: bool | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorstRow:
    """A row with one of the largest errors.

    Parameters
    ----------
    row : int
        Its number in the table, from 1.
    true, predicted : str or float
    error : float
        One minus the probability of the true class, or the absolute error.
    values : dict of str to str
        Its values as texts, by column.
    """

    row: int
    true: str | float
    predicted: str | float
    error: float
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Environment:
    """What computed the report.

    Parameters
    ----------
    date : str
    jubako, python, numpy : str
        Versions.
    engine : str
    seed : int
        Of resamples, folds and shuffled columns.
    """

    date: str
    jubako: str
    python: str
    numpy: str
    engine: str
    seed: int


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The learning curve of a candidate.

    Parameters
    ----------
    layers, activation, configuration : str
        As in a leaderboard.
    val_loss : list of float or None
        After each epoch; None where it was not measured.
    """

    layers: str
    activation: str
    configuration: str
    val_loss: list[float | None]


@dataclass(frozen=True, slots=True)
class FoldLosses:
    """The out-of-fold loss of an ensemble by fold.

    Parameters
    ----------
    losses : list of float
        On each fold.
    mean : float
    low, high : float
        95 % interval of the mean, by Student's t distribution; cut off at 0 if no loss is negative.
    """

    losses: list[float]
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Report:
    """A report on a model and rows with its target; the fields are in the order of the page.

    Parameters
    ----------
    source : Source
    model : ModelFacts
    n_rows : int
    verdict : str
        The model and the baselines, in one sentence.
    warnings : list of str
        Why scores may be optimistic.
    columns : list of ColumnFacts
    remarks : list of str
        Duplicates, suspected leaks, the target.
    scores : Scores
    history : dict of str to list
        "epoch", "train_loss", "val_loss" of a single network; empty after a search.
    curves : list of LearningCurve
        Of the candidates of a search that are in the ensemble.
    classes : ClassDiagnostics or None
        For classification.
    numbers : NumberDiagnostics or None
        For regression.
    coverage : list of Coverage
        Empty if the model has no intervals or sets.
    leaderboard : list of dict
        See `TrainingLog`, in the order of the losses; empty without a search.
    fold_losses : FoldLosses or None
        None without folds, and for models of earlier versions.
    explanation : Explanation or None
        None if the metric is undefined on these rows.
    drift : list of Drift
        Empty for a model for arrays, which keeps nothing about its inputs.
    worst_rows : list of WorstRow
        Empty if not asked for.
    environment : Environment
    """

    source: Source
    model: ModelFacts
    n_rows: int
    verdict: str
    warnings: list[str]
    columns: list[ColumnFacts]
    remarks: list[str]
    scores: Scores
    history: dict[str, list[Any]]
    curves: list[LearningCurve]
    classes: ClassDiagnostics | None
    numbers: NumberDiagnostics | None
    coverage: list[Coverage]
    leaderboard: list[dict[str, Any]]
    fold_losses: FoldLosses | None
    explanation: Explanation | None
    drift: list[Drift]
    worst_rows: list[WorstRow]
    environment: Environment
