"""The parameters of a request for predictions."""

from collections.abc import Mapping
from typing import NamedTuple

from jubako.i18n.messages import Message, Series
from jubako.model.model import Model

from .errors import RequestError

SWITCHES = {"true": True, "1": True, "false": False, "0": False}
MOST_COVERAGES = 20


class Options(NamedTuple):
    """What is asked for besides predictions.

    Parameters
    ----------
    interval : tuple of float, in (0, 1)
        Coverages of intervals or sets.
    proba : bool
        Whether probabilities are wanted.
    contributions : bool
        Whether the contributions of columns are wanted.
    """

    interval: tuple[float, ...] = ()
    proba: bool = False
    contributions: bool = False


def options_of(given: Mapping[str, str]) -> Options:
    """Read the parameters of a request.

    Parameters
    ----------
    given : mapping of str to str

    Returns
    -------
    Options

    Raises
    ------
    RequestError
        If one does not exist, or has no such value.
    """
    for name in given:
        if name not in Options._fields:
            raise RequestError(
                400,
                Message(
                    "There is no parameter {name!r}: there are {names}.",
                    name=name,
                    names=Series(Options._fields),
                ),
            )
    switches = {name: switch(name, given[name]) for name in Options._fields[1:] if name in given}
    return Options(coverages_of(given.get("interval", "")), **switches)


def switch(name: str, value: str) -> bool:
    """Return whether a parameter is true.

    Parameters
    ----------
    name, value : str

    Raises
    ------
    RequestError
        If it is neither true nor false.
    """
    if value.lower() not in SWITCHES:
        raise RequestError(
            400, Message("{name}={value!r} must be true or false.", name=name, value=value)
        )
    return SWITCHES[value.lower()]


def coverages_of(text: str) -> tuple[float, ...]:
    """Return the coverages in a text such as 0.5,0.9.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of float, in (0, 1)

    Raises
    ------
    RequestError
        If one is not between 0 and 1.
    """
    try:
        coverages = tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError:
        coverages = (0.0,)
    if len(coverages) > MOST_COVERAGES or not all(0 < coverage < 1 for coverage in coverages):
        raise RequestError(
            400,
            Message(
                "interval={text!r} is not a coverage between 0 and 1: write 0.9, or 0.5,0.9.",
                text=text,
            ),
        )
    return coverages


def check_options(options: Options, model: Model) -> None:
    """Check that a model can give what is asked for.

    Parameters
    ----------
    options : Options
    model : Model

    Raises
    ------
    RequestError
        If probabilities of a regressor are asked for, or intervals of a model without scores.
    ParameterError
        If a coverage is too high for the number of held-out rows.
    """
    if options.proba and model.task != "classify":
        raise RequestError(
            400, Message("proba=true is for classification, but this model is a regressor.")
        )
    if options.interval and model.conformal is None:
        raise RequestError(
            400,
            Message(
                "interval needs errors on held-out rows, which this model lacks: train it with "
                "the presets fast, default or best."
            ),
        )
    for coverage in options.interval:
        assert model.conformal is not None
        model.conformal.scores.quantile(coverage)
