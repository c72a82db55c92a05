"""Distillation: train one small network, the student, to predict like an ensemble, its teacher.

The student is a candidate with other targets: the teacher's predictions (Bucilă et al. 2006; Hinton
et al. 2015, arXiv:1503.02531). Labels are not needed.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy, Loss, Poisson, SquaredError
from jubako.core.network import Network
from jubako.data.column_encoding import n_continuous
from jubako.data.errors import TableError
from jubako.i18n.messages import Message
from jubako.model.candidate import Candidate
from jubako.model.conformal import Conformal
from jubako.model.errors import ModelFileError
from jubako.model.model import Model
from jubako.model.training_log import TrainingLog
from jubako.training.engines.native.engine import best_engine

from .crossval import CrossValResult, cross_validate, epochs_for
from .encoded import EncodedRows, EncodedTable
from .mixed_rows import mixed_rows
from .student_scores import class_scores_of, number_scores_of

SIZES = (32, 32), (64, 64), (128, 128, 128)  # of the students, in order
SIZE_WITHOUT_ROWS = SIZES[-1]  # drawn rows can't judge which size suffices for real ones
TOLERANCE = 0.01  # of the teacher's loss, by which a larger student must be closer to it,
LEAST = 2e-4  # and at least this
N_ROWS = 30_000  # of training, real and mixed ones; more if there are more real ones
MOST_ROWS = 100_000  # real ones, of which a random sample is used; or drawn ones
FEWEST_ROWS = 10
MOST_HELD_OUT = 2000


@dataclass(frozen=True)
class Distilled:
    """A student, and how far its predictions are from its teacher's on held-out rows.

    Parameters
    ----------
    model : Model
        With one network. The loss in its log is `added_loss`, and its leaderboard has the sizes.
    added_loss : float
        Mean over the held-out rows of the divergence of the student's probabilities from the
        teacher's, or of the squared difference between the standardized numbers: what the student
        adds to the log loss or squared error of the teacher, if that is calibrated.
    agreement : float
        Share of the held-out rows with the same predicted class, or R² of the student's numbers as
        predictions of the teacher's.
    n_held_out : int
        Number of these rows.
    """

    model: Model
    added_loss: float
    agreement: float
    n_held_out: int


@dataclass(frozen=True)
class StudentRows:
    """The rows that students are trained on, and the teacher's predictions of them.

    Parameters
    ----------
    table : pyarrow.Table of N rows
    encoded : EncodedTable
        The same rows.
    held_out : array of int
        The rows that judge the students.
    seed : int
    """

    table: pa.Table
    encoded: EncodedTable
    held_out: Array
    seed: int

    def with_targets(self, teacher: Model, y: Array, loss: Loss, start: Array) -> EncodedRows:
        """Return the rows with targets (N, n_out), for training from the output `start`."""
        schema = self.encoded.schema
        return EncodedRows(
            self.encoded,
            n_continuous(schema.columns),
            schema.levels,
            y.astype(np.float32),
            np.ones(len(y), np.float32),
            loss,
            start,
            [self.held_out],
            self.seed,
            n_discrete=schema.n_discrete,
        )


def distill(teacher: Model, table: pa.Table | None, seed: int) -> Distilled:
    """Train a student to predict like the teacher.

    The students of the `SIZES` are trained in this order, until one is hardly closer to the teacher
    than the one before, by the `tolerance`; the smallest that is nearly as close as any is chosen.

    Parameters
    ----------
    teacher : Model
        With a schema, and more than one network.
    table : pyarrow.Table or None
        Rows like those that will be predicted, also those of the training. None draws rows from the
        schema: the student then has one size, and no conformal scores.
    seed : int

    Returns
    -------
    Distilled

    Raises
    ------
    ModelFileError
        If the teacher is a single network.
    TableError
        If there are too few rows.
    """
    began = time.perf_counter()
    if teacher.n_networks == 1:
        raise ModelFileError(
            Message("The model is a single network already: there is no ensemble to distill.")
        )
    rows = student_rows(teacher, table, seed)
    p, encoded = soft_targets(teacher, rows)
    sizes = [SIZE_WITHOUT_ROWS] if table is None else SIZES
    results, stopped = train_sizes(teacher, encoded, sizes)
    chosen = min(results, key=lambda result: result.fitted.loss)
    for result in results:  # the smallest that is as good
        if result.fitted.loss <= chosen.fitted.loss + tolerance(teacher):
            chosen = result
            break
    fitted = chosen.fitted
    if teacher.task == "classify":  # the outputs are logarithms of probabilities already
        fitted = replace(fitted, net=Network(fitted.net.layers, CrossEntropy()))
    student = replace(
        teacher,
        networks=[replace(fitted, weight=1.0)],
        temperature=1.0 if teacher.task == "classify" else None,
        log=TrainingLog(
            stopped,
            added_loss(chosen),
            time.perf_counter() - began,
            leaderboard=[leaderboard_line(result, result is chosen) for result in results],
            distilled=True,
        ),
        conformal=None,
    )
    held_out, own = rows.table.take(pa.array(rows.held_out)), p[rows.held_out]
    if table is not None:
        conformal = conformal_of(teacher, student, held_out, own, encoded)
        student = replace(student, conformal=conformal)
    return Distilled(student, added_loss(chosen), agreement(student, held_out, own), len(own))


def student_rows(teacher: Model, table: pa.Table | None, seed: int) -> StudentRows:
    """Return the rows for the students: real ones, mixed ones, and held-out real ones.

    Parameters
    ----------
    teacher : Model
    table : pyarrow.Table or None
    seed : int

    Returns
    -------
    StudentRows

    Raises
    ------
    TableError
        If there are too few rows.
    """
    assert teacher.schema is not None
    rng = np.random.default_rng(seed)
    real = teacher.schema.sample(MOST_ROWS, rng) if table is None else cast(pa.Table, table)
    n_rows = real.num_rows
    if n_rows < FEWEST_ROWS:
        raise TableError(
            Message(
                "There are {n} rows to distill with: at least {fewest} are needed.",
                n=n_rows,
                fewest=FEWEST_ROWS,
            )
        )
    order = rng.permutation(n_rows)[:MOST_ROWS]
    real = real.select(list(teacher.columns_by_name)).take(pa.array(order)).combine_chunks()
    n_held_out = min(MOST_HELD_OUT, n_rows // 5)
    mixed = mixed_rows(real.slice(n_held_out), max(0, N_ROWS - n_rows), rng)
    both = pa.concat_tables([real, mixed])
    return StudentRows(both, EncodedTable(teacher.schema, both), np.arange(n_held_out), seed)


def soft_targets(teacher: Model, rows: StudentRows) -> tuple[Array, EncodedRows]:
    """Return the teacher's predictions, and the rows with them as targets.

    The loss for probabilities p is the Poisson loss of each output b: its sum is the divergence of
    exp(b) from p, which is zero where exp(b) = p, and never less than that of softmax(b).

    Parameters
    ----------
    teacher : Model
    rows : StudentRows

    Returns
    -------
    p : array, shape (N, n_out)
        Calibrated probabilities, or standardized numbers.
    EncodedRows
    """
    if teacher.task == "classify":
        p = teacher.predict_proba(rows.table)
        return p, rows.with_targets(teacher, p, Poisson(), np.log(p.mean(0).clip(1e-6)))
    p = teacher.predict_raw(rows.table)
    return p, rows.with_targets(teacher, p, SquaredError(), p.mean(0))


def train_sizes(
    teacher: Model, rows: EncodedRows, sizes: Sequence[tuple[int, ...]]
) -> tuple[list[CrossValResult], str]:
    """Train students from the smallest on, until one is hardly closer to the teacher.

    Parameters
    ----------
    teacher : Model
    rows : EncodedRows
    sizes : sequence of tuples of int
        Units of the hidden layers.

    Returns
    -------
    list of CrossValResult
    stopped : {"complete", "interrupted"}
        Ctrl-C ends the training with what there is.
    """
    results = list[CrossValResult]()
    for hidden in sizes:
        result = train_student(student_candidate(teacher, hidden), rows)
        results.append(result)
        if result.reason == "interrupted":
            return results, "interrupted"
        losses = [result.fitted.loss for result in results[-2:]]
        if len(losses) == 2 and losses[0] - losses[1] <= tolerance(teacher):
            break
    return results, "complete"


def train_student(candidate: Candidate, rows: EncodedRows) -> CrossValResult:
    """Train a student.

    Parameters
    ----------
    candidate : Candidate
    rows : EncodedRows

    Returns
    -------
    CrossValResult
        As of its best epoch on the held-out rows.
    """
    n_inputs = rows.view(candidate.quantiles).shape[1]
    return cross_validate(candidate, rows, best_engine(), epochs_for(rows.n_learned, n_inputs))[0]


def student_candidate(teacher: Model, hidden: tuple[int, ...]) -> Candidate:
    """Return the configuration of a student: inputs as those of the teacher's strongest network.

    The teacher has no noise, and mixed rows are without end, so there is no regularization.

    Parameters
    ----------
    teacher : Model
    hidden : tuple of int
        Units of its hidden layers.

    Returns
    -------
    Candidate
    """
    like = teacher.strongest.candidate
    if like is None:
        return Candidate(hidden, dropout=0)
    return Candidate(
        hidden,
        quantiles=like.quantiles,
        frequency_scale=like.frequency_scale,
        dropout=0,
        discrete=any(n.candidate.discrete for n in teacher.networks if n.candidate),
    )


def tolerance(teacher: Model) -> float:
    """Return the loss by which a larger student must be closer to the teacher.

    Parameters
    ----------
    teacher : Model

    Returns
    -------
    float
    """
    return max(LEAST, TOLERANCE * min(network.loss for network in teacher.networks))


def conformal_of(
    teacher: Model, student: Model, held_out: pa.Table, p: Array, rows: EncodedRows
) -> Conformal | None:
    """Return the conformal scores of the student.

    Parameters
    ----------
    teacher, student : Model
    held_out : pyarrow.Table of n_held_out rows
    p : array, shape (n_held_out, n_out)
        Their predictions by the teacher.
    rows : EncodedRows
        All rows of the student.

    Returns
    -------
    Conformal or None
        None if the teacher has none.
    """
    if teacher.conformal is None:
        return None
    if teacher.task == "classify":
        return class_scores_of(teacher.conformal, p, student.predict_proba(held_out))
    return number_scores_of(teacher.conformal, p, student.predict_raw(held_out), rows)


def agreement(student: Model, held_out: pa.Table, p: Array) -> float:
    """Return `Distilled.agreement`.

    Parameters
    ----------
    student : Model
    held_out : pyarrow.Table of n_held_out rows
    p : array, shape (n_held_out, n_out)
        Their predictions by the teacher.

    Returns
    -------
    float
    """
    if student.task == "classify":
        return float(np.mean(student.decide(student.predict_proba(held_out)) == student.decide(p)))
    total = ((p - p.mean(0)) ** 2).sum()
    rest = ((student.predict_raw(held_out) - p) ** 2).sum()
    return float(1 - rest / total) if total else 1.0


def added_loss(result: CrossValResult) -> float:
    """Return `Distilled.added_loss`: for numbers, twice the training loss.

    Parameters
    ----------
    result : CrossValResult

    Returns
    -------
    float
    """
    loss = result.fitted.net.loss
    return result.fitted.loss * (2 if isinstance(loss, SquaredError) else 1)


def leaderboard_line(result: CrossValResult, chosen: bool) -> dict[str, object]:
    """Return the line of a student in the leaderboard.

    Parameters
    ----------
    result : CrossValResult
    chosen : bool

    Returns
    -------
    dict
        With the keys of `LEADERBOARD`.
    """
    fitted, candidate = result.fitted, result.candidate
    return {
        "layers": "-".join(map(str, candidate.hidden)),
        "activation": candidate.activation,
        "configuration": candidate.describe(),
        "oof_loss": added_loss(result),
        "weight": float(chosen),
        "epochs": fitted.epochs,
        "best_epoch": fitted.best_epoch,
        "seconds": fitted.seconds,
    }
