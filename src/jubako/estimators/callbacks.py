"""scikit-learn's callback protocol, for versions that have it (1.9 and later)."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

Attributes = Callable[[], dict[str, Any]]
"""What returns the attributes that make a copy of the estimator a fitted one, as it is now."""
EndEpoch = Callable[[Attributes | None], bool]
"""What is called at the end of an epoch, and returns whether to stop."""


Method = TypeVar("Method", bound=Callable[..., Any])


def load() -> tuple[Any, Any]:
    """Return the mixin and the decorator of the protocol, or replacements without effect."""
    try:
        from sklearn.callback import CallbackSupportMixin, with_callbacks
    except ImportError:
        return type("NoCallbackSupport", (), {}), lambda method: method
    return CallbackSupportMixin, with_callbacks


if TYPE_CHECKING:

    class CallbackSupport:
        """The mixin of estimators with callbacks."""

        def set_callbacks(self, *callbacks: object) -> Self:
            """Set the callbacks that `fit` calls."""
            return self

    def with_callbacks(method: Method) -> Method:
        """Set callbacks up before a method that fits, and tear them down after it."""
        return method

else:
    CallbackSupport, with_callbacks = load()


@contextmanager
def fit_task(
    estimator: Any,
    X: object,
    y: object,
    sample_weight: object,
    attributes: Attributes,
    max_epochs: int | None = None,
) -> Generator[EndEpoch | None]:
    """Call scikit-learn's callbacks at the start and at the end of a fit.

    Parameters
    ----------
    estimator : the estimator that is fitted
    X, y, sample_weight : the arguments of `fit`
    attributes : callable
        Returns the attributes at the end of the fit.
    max_epochs : int or None
        Number of epochs, if known.

    Yields
    ------
    callable or None
        To call at the end of each epoch, with the attributes of the estimator fitted so far, or
        None if it can't predict yet. None if there are no callbacks.
    """
    if not hasattr(CallbackSupport, "_init_callback_context"):
        yield None
        return
    given: dict[str, Any] = {"estimator": estimator, "X": X, "y": y}
    given["metadata"] = {} if sample_weight is None else {"sample_weight": sample_weight}
    context = estimator._init_callback_context(max_subtasks=max_epochs)
    context.call_on_fit_task_begin(**given)

    def end_epoch(attributes: Attributes | None) -> bool:
        epoch = context.subcontext(task_name="epoch")
        epoch.call_on_fit_task_begin(**given)
        return epoch.call_on_fit_task_end(**given, reconstruction_attributes=attributes)

    yield end_epoch if hasattr(estimator, "_skl_callbacks") else None
    context.call_on_fit_task_end(**given, reconstruction_attributes=attributes)


class EpochRelay:
    """A callback for a network inside an estimator, which forwards its epochs.

    Parameters
    ----------
    end_epoch : callable
        Called with the network after each epoch; returns whether to stop.
    """

    def __init__(self, end_epoch: Callable[[Any], bool]) -> None:
        self.end_epoch = end_epoch

    def setup(self, estimator: object, context: object) -> None:
        """Do nothing."""

    def teardown(self, estimator: object, context: object) -> None:
        """Do nothing."""

    def on_fit_task_begin(self, estimator: object, context: object) -> None:
        """Do nothing."""

    def on_fit_task_end(self, estimator: object, context: Any, *, fitted_estimator: Any) -> bool:
        """Forward the end of an epoch, and return whether to stop."""
        return context.task_name == "epoch" and self.end_epoch(fitted_estimator)
