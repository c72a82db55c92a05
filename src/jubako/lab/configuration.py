"""The setup: all settings of the lab, as plain data for files and addresses."""

import base64
import json
import zlib
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from jubako.core.activations import ACTIVATIONS
from jubako.core.initializers import INITIALIZERS
from jubako.core.losses import LOSSES
from jubako.i18n.messages import Message
from jubako.training.optimizers import OPTIMIZERS

MAX_BOXES, MAX_UNITS = 8, 256
LONGEST_ADDRESS = 4000  # characters
PARTS = ("data", "network", "training", "result", "tabs", "lessons")
"""What a teacher can hide."""


@dataclass(frozen=True, slots=True)
class Box:
    """The configuration of one hidden layer."""

    units: int = 4
    activation: str = "tanh"


@dataclass(frozen=True, slots=True)
class Setup:
    """All settings: data, network and training.

    Parameters
    ----------
    data : str
        A name in `data.SHAPES` or `table.read.BUILT_IN`, or "uploaded".
    target : str
        The column to predict; "" is the last one.
    noise : float in [0, 1]
        Of the points of a shape.
    held_out : float in [0.05, 0.9]
        The fraction of rows held out to measure on.
    scaled : bool
        Whether the columns are encoded and standardized. Otherwise numbers stay as they are.
    boxes : tuple of Box
        The hidden layers; none is a linear model.
    residual, dropout, init, solver, momentum, alpha, seed
        As in `MLPClassifier`, where the seed is called random_state.
    loss : str
        "" is the default: cross-entropy for classification, squared error for regression.
    rate : float > 0
        The learning rate.
    batch : int
        Rows in a step; 0 is all of them.
    epochs : int
        How many epochs one press on "run" trains.
    axes : tuple of two str
        The columns of the picture; "" is the first that is not yet there.
    hide : tuple of str
        Names in `PARTS` that the page does not show.
    """

    data: str = "circle"
    target: str = ""
    noise: float = 0.1
    held_out: float = 0.25
    scaled: bool = True
    boxes: tuple[Box, ...] = (Box(), Box())
    residual: bool = False
    dropout: float = 0.0
    init: str = "sklearn"
    loss: str = ""
    solver: str = "sgd"
    momentum: float = 0.0
    rate: float = 0.1
    batch: int = 16
    alpha: float = 0.0
    seed: int = 0
    epochs: int = 500
    axes: tuple[str, str] = ("", "")
    hide: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Validate the settings.

        Raises
        ------
        ValueError
            If one is invalid: with its name, its value and the valid ones.
        """
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(
                    Message(
                        "The {name} is {value:g}, but must be between {low:g} and {high:g}.",
                        name=NAMES[name],
                        value=value,
                        low=low,
                        high=high,
                    )
                )
        for name, words in CHOICES.items():
            if getattr(self, name) not in words:
                raise ValueError(
                    Message(
                        "There is no {name} {value!r}: choose {words}.",
                        name=NAMES[name],
                        value=getattr(self, name),
                        words=", ".join(words),
                    )
                )
        if len(self.boxes) > MAX_BOXES:
            raise ValueError(
                Message(
                    "{n} hidden layers are too many: {most} at most.",
                    n=len(self.boxes),
                    most=MAX_BOXES,
                )
            )
        for box in self.boxes:
            if not 1 <= box.units <= MAX_UNITS:
                raise ValueError(
                    Message(
                        "A layer of {n} units: it must have between 1 and {most}.",
                        n=box.units,
                        most=MAX_UNITS,
                    )
                )
            if box.activation not in ACTIVATIONS:
                raise ValueError(Message("There is no activation {name!r}.", name=box.activation))
        if not set(self.hide) <= set(PARTS):
            raise ValueError(Message("Only {names} can be hidden.", names=", ".join(PARTS)))

    def but(self, **changes: Any) -> Self:
        """Return this setup with changes."""
        return replace(self, **changes)

    def with_box(self, i: int, **changes: object) -> Self:
        """Return this setup with changes in hidden layer i, if there is one."""
        boxes = [replace(box, **changes) if at == i else box for at, box in enumerate(self.boxes)]
        return replace(self, boxes=tuple(boxes))

    def to_plain(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults, as JSON values."""
        default = asdict(type(self)())
        return {name: value for name, value in asdict(self).items() if value != default[name]}

    @classmethod
    def from_plain(cls, words: Any) -> Self:
        """Create a setup from JSON values.

        Raises
        ------
        ValueError
            If they are invalid.
        """
        if not isinstance(words, dict):
            raise ValueError(Message("A setup is an object with names and values."))
        default, given = asdict(cls()), dict[str, Any]()
        for name, value in words.items():
            if name not in default:
                raise ValueError(Message("A setup has no {name!r}.", name=str(name)[:40]))
            given[name] = like_default(name, value, default[name])
        return cls(**given)

    def to_address(self) -> str:
        """Return the setup as text for an address."""
        text = json.dumps(self.to_plain(), ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")

    @classmethod
    def from_address(cls, letters: str) -> Self:
        """Create a setup from the result of `to_address`.

        Raises
        ------
        ValueError
            If it was altered.
        """
        try:
            if len(letters) > LONGEST_ADDRESS:
                raise ValueError(Message("it is too long."))
            packed = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4))
            text = zlib.decompressobj().decompress(packed, 10 * LONGEST_ADDRESS)
            return cls.from_plain(json.loads(text))
        except (ArithmeticError, ValueError, zlib.error, RecursionError) as error:
            why = error.args[0] if error.args else ""
            why = why if isinstance(why, Message) else Message("it was altered or cut off.")
            raise ValueError(Message("The address holds no setup: {why}", why=why)) from error


LIMITS: dict[str, tuple[float, float]] = {
    "noise": (0, 1),
    "held_out": (0.05, 0.9),
    "dropout": (0, 0.9),
    "momentum": (0, 0.99),
    "rate": (1e-6, 100),
    "batch": (0, 100_000),
    "alpha": (0, 100),
    "seed": (0, 2**31 - 1),
    "epochs": (1, 1_000_000),
}
NAMES = {
    "noise": Message("noise"),
    "held_out": Message("held-out fraction"),
    "dropout": Message("dropout"),
    "momentum": Message("momentum"),
    "rate": Message("learning rate"),
    "batch": Message("batch size"),
    "alpha": Message("L2 penalty"),
    "seed": Message("seed"),
    "epochs": Message("number of epochs"),
    "init": Message("initializer"),
    "solver": Message("optimizer"),
    "loss": Message("loss"),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "init": tuple(INITIALIZERS),
    "solver": tuple(OPTIMIZERS),
    "loss": ("", "cross_entropy", *(n for n, loss in LOSSES.items() if loss.target == "real")),
}


def like_default(name: str, value: Any, default: Any) -> Any:
    """Convert a value to the type of the default."""
    wrong = ValueError(
        Message("A setup can't have {value!r} as its {name}.", value=str(value)[:40], name=name)
    )
    if name == "boxes":
        keys = {field.name for field in fields(Box)}
        if not isinstance(value, list | tuple) or not all(
            isinstance(box, dict) and set(box) == keys for box in value
        ):
            raise wrong
        return tuple(
            Box(
                like_default("units", box["units"], 1),
                like_default("activation", box["activation"], ""),
            )
            for box in value
        )
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise wrong
        if name == "axes" and len(value) != 2:
            raise wrong
        return tuple(value)
    if isinstance(default, float) and type(value) in (int, float):
        return float(value)
    if type(value) is not type(default):
        raise wrong
    return value
