"""The model of a service: loaded from its file, and again when that is replaced."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock

from jubako.data.readers.csv import Keep
from jubako.data.target_column import known_words
from jubako.estimators.loading import load_with_note
from jubako.export.html import html_page
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.model.errors import ModelFileError
from jubako.model.model import Model

from .openapi import describe

SECONDS = 1.0  # between looks at the file

Identity = tuple[int, int, int]


@dataclass
class LoadedModel:
    """A model, and what requests need of it.

    Parameters
    ----------
    model : Model
        For tables.
    path : Path
    target : str
        Name of the column of predictions.
    when : datetime
        When it was loaded.
    """

    model: Model
    path: Path
    target: str
    when: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self._pages: dict[Language, bytes] = {}
        self._lock = Lock()

    @cached_property
    def names(self) -> list[str]:
        """The names of the columns that the model uses, each once."""
        return list(self.model.columns_by_name)

    @cached_property
    def keep(self) -> Keep:
        """The words for missing values that are levels, by column."""
        return known_words(self.model.columns)

    @cached_property
    def description(self) -> bytes:
        """The description of the service, in OpenAPI."""
        return describe(self.model, self.target)

    def page(self, language: Language) -> bytes:
        """Return the page with a form, as HTML.

        Raises
        ------
        ModelFileError
            If something in the model can't be exported.
        """
        with self._lock:
            if language not in self._pages:
                target = "" if self.target == "prediction" else self.target
                page = html_page(self.model, target, language.value)
                self._pages[language] = page.encode()
            return self._pages[language]


def load_model(path: Path) -> LoadedModel:
    """Load a model for a service.

    Parameters
    ----------
    path : Path

    Returns
    -------
    LoadedModel

    Raises
    ------
    ModelFileError
        If the file does not exist, is damaged, or the model is for arrays.
    """
    estimator, note = load_with_note(path)
    model = estimator.model_
    if model.schema is None:
        raise ModelFileError(
            Message(
                "{path!r} is a {kind}, which predicts arrays: a service needs a model for tables.",
                path=str(path),
                kind=type(estimator).__name__,
            )
        )
    loaded = LoadedModel(model, path, str(note.get("target", "prediction")))
    _ = loaded.names, loaded.keep, loaded.description  # before the first request
    return loaded


class ModelFile:
    """A file whose model is loaded again when the file is replaced.

    Parameters
    ----------
    path : Path
    report : callable
        Receives a message on each replacement.

    Attributes
    ----------
    current : LoadedModel
        The last model that could be loaded. A request keeps the one that it began with.
    refusal : Message or None
        Why the file can't be used now; None if it is the one that was loaded.
    n_reloads : dict of str to int
        Number of replacements that were loaded or refused, by "success" and "failure".

    Raises
    ------
    ModelFileError
        See `load_model`.
    """

    def __init__(self, path: Path, report: Callable[[Message], None]) -> None:
        self.path: Path = path
        self.report: Callable[[Message], None] = report
        self.seen = identity(path)
        self.current: LoadedModel = load_model(path)
        self.refusal: Message | None = None
        self.n_reloads: dict[str, int] = {"success": 0, "failure": 0}

    async def watch(self) -> None:
        """Look at the file again and again; the service goes on meanwhile."""
        while True:
            await asyncio.sleep(SECONDS)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Load the model again if its file was replaced; keep the old one if that fails."""
        now = identity(self.path)
        if now == self.seen:
            return
        self.seen = now
        try:
            self.current = load_model(self.path)
        except Exception as error:  # whatever is in the file must not end the service
            reason = error.args[0] if error.args else ""
            if not isinstance(reason, Message):
                reason = f"{type(error).__name__}: {error}"
            self.refusal = Message(
                "{path!r} was replaced by a file that can't be used: {reason} The model loaded "
                "before is kept.",
                path=str(self.path),
                reason=reason,
            )
            self.n_reloads["failure"] += 1
            self.report(self.refusal)
        else:
            self.refusal = None
            self.n_reloads["success"] += 1
            self.report(Message("{path!r} was replaced: its model is used.", path=str(self.path)))


def identity(path: Path) -> Identity | None:
    """Return what changes when a file is replaced; None if there is no file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of int, or None
        Number, time and size of the file.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
