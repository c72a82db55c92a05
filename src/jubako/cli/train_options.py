"""The options of `jubako train`, checked and read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jubako.core.activations import ACTIVATIONS
from jubako.data.errors import nearest
from jubako.data.inference import Declared
from jubako.i18n.messages import Message
from jubako.model.model_file import SUFFIX

from .errors import UsageError
from .table_options import TextFormat

ENDINGS = re.compile(
    r"(\.(csv|tsv|tab|txt|dat|data|parquet|pq|arrow|feather|ipc|json|jsonl|ndjson))?"
    r"(\.(gz|bz2|zst|lz4|zip))?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """The options of the command line, as they are documented there."""

    data: str
    target: str | None
    task: str
    test: str
    val: str | None
    groups: str | None
    order_by: str | None
    weights: str | None
    refit: bool
    preset: str | None
    plain: bool
    hidden: str | None
    activation: str | None
    dropout: float | None
    epochs: int | None
    time: str | None
    seed: int
    out: Path | None
    resume: bool
    run: Path | None
    jobs: int | None
    cluster: str | None
    text: TextFormat
    types: Mapping[str, Declared]
    json: bool
    force: bool

    @property
    def single_network(self) -> bool:
        """Whether one network is trained, instead of a search over candidates."""
        return bool(self._given_for_one())

    @property
    def path(self) -> Path:
        """Where the model is saved."""
        return self.out or default_path(self.data)

    def check(self) -> None:
        """Check that no options contradict each other.

        Raises
        ------
        UsageError
            If they do, with the option to omit.
        """
        given_for_search = {
            f"--preset {self.preset}": self.preset,
            "--groups": self.groups,
            "--order-by": self.order_by,
            "--refit": self.refit or None,
            "--jobs": self.jobs,
            "--cluster": self.cluster,
        }
        one, search = self._given_for_one(), names_of(given_for_search)
        if one and search:
            raise UsageError(
                Message(
                    "{search} is for a search over candidates, and {one} for a single network: "
                    "leave one of the two out.",
                    search=search[0],
                    one=one[0],
                )
            )
        if self.run and self.resume:
            raise UsageError(Message("--run resumes by itself: leave out --resume."))
        if self.types and self.resume:
            raise UsageError(Message("--resume reads columns as before: leave out --as."))
        if self.jobs is not None and self.cluster is not None:
            raise UsageError(
                Message("--cluster uses all workers that there are: leave out --jobs.")
            )
        if self.groups and self.order_by:
            raise UsageError(
                Message("--groups and --order-by both define the splits: leave one of them out.")
            )

    def _given_for_one(self) -> list[str]:
        return names_of(
            {
                "--plain": self.plain or None,
                "--hidden": self.hidden,
                "--activation": self.activation,
                "--dropout": self.dropout,
                "--epochs": self.epochs,
                "--resume": self.resume or None,
            }
        )

    def hidden_sizes(self) -> tuple[int, ...]:
        """Return the number of units of each hidden layer.

        Raises
        ------
        UsageError
            If `hidden` is not a list of positive integers.
        """
        hidden = "64,64" if self.hidden is None else self.hidden
        wrong = Message(
            "--hidden {hidden!r} is not a list of layer sizes such as 64,64.", hidden=hidden
        )
        try:
            sizes = tuple(int(size) for size in hidden.split(",") if size.strip())
        except ValueError:
            raise UsageError(wrong) from None
        if min(sizes, default=1) < 1:
            raise UsageError(wrong)
        return sizes

    def activations(self) -> list[str]:
        """Return the activation of each hidden layer, or one for all of them.

        Raises
        ------
        UsageError
            If there is no such activation, or their number is another one than that of the layers.
        """
        names, n_layers = (self.activation or "relu").split(","), len(self.hidden_sizes())
        for name in names:
            if name not in ACTIVATIONS:
                near = nearest(name, ACTIVATIONS)
                hint = Message("did you mean {near!r}?", near=near) if near else None
                there = Message("there are {names}.", names=", ".join(ACTIVATIONS))
                raise UsageError(
                    Message("--activation {name!r}: {hint}", name=name, hint=hint or there)
                )
        if len(names) not in (1, n_layers):
            raise UsageError(
                Message(
                    "--activation names {n} activations, but there are {n_layers} hidden layers.",
                    n=len(names),
                    n_layers=n_layers,
                )
            )
        return names


def names_of(options: Mapping[str, object]) -> list[str]:
    """Return the names of the given options."""
    return [name for name, value in options.items() if value is not None]


def default_path(data: str) -> Path:
    """Return the default path of a model: in the current folder, named like the table.

    >>> default_path("old/my.data.v2.csv.gz")
    PosixPath('my.data.v2.jubako')
    """
    name = "" if data.startswith("/dev/") else ENDINGS.sub("", Path(data).name).strip("-")
    return Path((name or "model") + SUFFIX)


def is_file(test: str) -> bool:
    """Return whether --test or --val names a file, not a fraction of the rows."""
    try:
        float(test)
    except ValueError:
        return True
    return False


def fraction(text: str) -> float:
    """Return the fraction of the rows in --test or --val.

    Raises
    ------
    UsageError
        If it is not between 0 and 1.
    """
    value = float(text)
    if not 0 < value < 1:
        raise UsageError(
            Message("{text} is not a fraction of the rows: it must be between 0 and 1.", text=text)
        )
    return value


def seconds(text: str | None) -> float | None:
    """Return the seconds of a time span such as 60s, 5m or 1h; without a unit, it is in seconds.

    Raises
    ------
    UsageError
        If it is not a positive time span.
    """
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if not match or float(match[1]) == 0:
        raise UsageError(
            Message("--time {text!r} is not a time span such as 60s, 5m or 1h.", text=text)
        )
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]
