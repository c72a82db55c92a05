"""Target codings as JSON values, and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from jubako.data.target import ClassTarget, NumericTarget
from jubako.data.unscaled_target import UnscaledTarget
from jubako.i18n.messages import Message

from .errors import ModelFileError
from .schema_json import count_from_value, from_value, plain_value, reading_from_plain

Target = ClassTarget | NumericTarget | UnscaledTarget

LABELS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
"""What the labels of a saved classifier may be."""

LABEL_CHARACTERS = 1 << 24  # of all labels of a model, each as wide as the longest


def target_to_plain(target: Target) -> dict[str, object]:
    """Describe how a target is encoded.

    Parameters
    ----------
    target : Target

    Returns
    -------
    dict

    Raises
    ------
    ModelFileError
        If its labels can't be saved.
    """
    if isinstance(target, UnscaledTarget):
        return {"coding": "unscaled", "n_outputs": target.n_outputs, "counts": target.counts}
    if isinstance(target, NumericTarget):
        limits = [limit if np.isfinite(limit) else None for limit in (target.low, target.high)]
        center, scale = target.center, target.scale
        words: dict[str, object] = {
            "coding": "standardized",
            "center": center,
            "scale": scale,
            "range": limits,
        }
        if target.reading is not None:
            words["reading"] = plain_value(target.reading)
        return words
    labels: list[Any] = target.classes.tolist()
    if label_characters(labels) > LABEL_CHARACTERS:
        longest = max(map(len, labels))
        raise ModelFileError(
            Message(
                "{n} labels of up to {longest} characters can't be saved: shorten them.",
                n=len(labels),
                longest=longest,
            )
        )
    for name, kind in LABELS.items():
        if all(type(label) is kind for label in labels):
            return {"coding": "classes", "kind": target.kind, "type": name, "classes": labels}
    raise ModelFileError(
        f"The labels {labels[:3]!r} can't be saved: only strings, numbers or booleans can."
    )


def target_from_plain(words: Any) -> Target:
    """Create the target coding that was described.

    Parameters
    ----------
    words : any JSON value

    Returns
    -------
    Target

    Raises
    ------
    ValueError
        If the description is invalid.
    """
    coding = words["coding"]
    if coding == "unscaled":
        n_outputs = count_from_value(words, "n_outputs")
        if n_outputs < 1:
            raise ValueError(f"a network can't have {n_outputs!r} outputs")
        return UnscaledTarget(n_outputs, from_value(bool, words["counts"], "counts"))
    if coding == "standardized":
        return numeric_target(words)
    if coding != "classes":
        raise ValueError(f"there is no coding of targets {coding!r}")
    return class_target(words)


def class_target(words: Any) -> ClassTarget:
    """Create the coding of classes that was described.

    Parameters
    ----------
    words : dict

    Returns
    -------
    ClassTarget

    Raises
    ------
    ValueError
        If the description is invalid.
    """
    labels = from_value(tuple[LABELS[words["type"]], ...], words["classes"], "classes")
    if label_characters(labels) > LABEL_CHARACTERS:
        raise ValueError(f"{len(labels)} labels of up to {max(map(len, labels))} characters")
    n, kind = len(labels), words["kind"]
    fewest, most = {"binary": (2, 2), "multiclass": (1, n), "multilabel": (1, n)}[kind]
    if not fewest <= n <= most or (kind == "multiclass" and n == 2):
        raise ValueError(f"{n} labels of a {kind} problem")
    classes = np.array(labels)
    if not (classes[1:] > classes[:-1]).all():
        raise ValueError("the labels are not in order, or one stands twice")
    if kind == "multilabel" and (classes != np.arange(n)).any():
        raise ValueError("the labels of a multilabel problem are not the numbers of its columns")
    return ClassTarget(classes, kind)


def numeric_target(words: Any) -> NumericTarget:
    """Create the coding of numbers that was described by its center, scale and range.

    Parameters
    ----------
    words : dict

    Returns
    -------
    NumericTarget

    Raises
    ------
    ValueError
        If the description is invalid.
    """
    center, scale = (from_value(float, words[name], name) for name in ("center", "scale"))
    low, high = words["range"]
    low = -np.inf if low is None else from_value(float, low, "range")
    high = np.inf if high is None else from_value(float, high, "range")
    if not (low <= high and scale > 0):
        raise ValueError(f"a target around {center} with a spread of {scale}")
    reading = reading_from_plain(words["reading"]) if "reading" in words else None
    if reading is not None and reading.kind != "numeric":
        raise ValueError(f"a target of numbers is read as {reading.kind!r}")
    return NumericTarget(center, scale, low, high, reading)


def label_characters(labels: Sequence[object]) -> int:
    """Return the number of characters in an array of these labels, each as wide as the longest."""
    return len(labels) * max((len(label) for label in labels if isinstance(label, str)), default=0)
