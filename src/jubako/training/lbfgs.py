"""L-BFGS: full-batch minimization by SciPy, for small tables and models without hidden layers."""

import time
from typing import Any, cast

import numpy as np
from scipy.optimize import minimize

from jubako.core.activations import Array

from .engines.base import Engine, Problem
from .history import Observer, Outcome, Reason, Record, norms_by_layer
from .validation import Validation

FLAT = 2.2e-9  # SciPy's own limit


def train_lbfgs(
    problem: Problem,
    theta: Array,
    engine: Engine,
    validation: Validation | None = None,
    observe: Observer | None = None,
    *,
    tol: float,
    max_iter: int,
    max_fun: int,
) -> Outcome:
    """Minimize the loss of one network over all rows, and overwrite theta.

    Parameters
    ----------
    problem : Problem
    theta : array, shape (P,)
        Initial weights, overwritten with the final ones.
    engine : Engine
    validation : Validation or None
    observe : callable or None
        Called with the `Record` of each iteration; stops if it returns True.
    tol : float > 0
        Stop when the largest component of the gradient is at most `tol`, or when the relative
        decrease of the loss is at most min(tol², 2.2e-9).
    max_iter, max_fun : int
        Maximum numbers of iterations and of evaluations of the loss.

    Returns
    -------
    Outcome
        One record per iteration.

    Notes
    -----
    Byrd et al. 1995, "A limited memory algorithm for bound constrained optimization". Its line
    search compares small differences, so theta should be float64. There is no dropout.
    """
    records, start = list[Record](), time.perf_counter()
    grad = np.empty_like(theta)
    stopped: Reason | None = None

    def loss_and_grad(point: Array) -> tuple[float, Array]:
        loss = engine.loss_and_grad(problem, point.astype(theta.dtype), grad)
        return float(loss), grad.astype(np.float64)

    def report(intermediate_result: Any) -> None:  # SciPy requires this name of the argument
        nonlocal stopped
        theta[...] = intermediate_result.x
        val = validation and validation.measure(engine, problem.net, theta[None])
        record = Record(
            epoch=len(records) + 1,
            train_loss=float(intermediate_result.fun),
            val_loss=val and float(val[0][0]),
            val_score=val and float(val[1][0]),
            learning_rate=None,
            grad_norms=norms_by_layer(problem.net, grad[None]),
            seconds=time.perf_counter() - start,
        )
        records.append(record)
        if observe and observe(record) is True:
            stopped = "callback"
            raise StopIteration

    if max_iter == 0:  # SciPy would make one iteration
        return Outcome(records, "epochs", theta[None])
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            result: Any = minimize(
                loss_and_grad,
                theta.astype(np.float64),
                jac=True,
                method="L-BFGS-B",
                callback=cast(Any, report),
                options={
                    "maxiter": max_iter,
                    "maxfun": max_fun,
                    "gtol": tol,
                    "ftol": min(FLAT, tol**2),
                },
            )
    except KeyboardInterrupt:
        return Outcome(records, "interrupted", theta[None])
    if not np.isfinite(result.fun):
        return Outcome(records, "diverged", theta[None])
    theta[...] = result.x
    reason: Reason = stopped or ("epochs" if result.status == 1 else "converged")
    return Outcome(records, reason, theta[None])
