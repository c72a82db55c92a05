"""Loading of a saved estimator from a model file."""

from pathlib import Path
from typing import Any

from jubako.core.activations import Array
from jubako.model.model_file import checked, read_file
from jubako.model.schema_json import from_value

from .mlp import MLPClassifier, MLPRegressor
from .single_network import SingleNetworkClassifier, SingleNetworkRegressor
from .tabular import TabularClassifier, TabularRegressor

ESTIMATORS: dict[str, type] = {
    cls.__name__: cls
    for cls in (
        MLPClassifier,
        MLPRegressor,
        SingleNetworkClassifier,
        SingleNetworkRegressor,
        TabularClassifier,
        TabularRegressor,
    )
}
"""What a file may hold: nothing else is made, and nothing is imported by name."""

ESTIMATORS.update(
    {
        "PlainClassifier": SingleNetworkClassifier,  # their names in earlier files
        "PlainRegressor": SingleNetworkRegressor,
    }
)


def load(path: str | Path) -> Any:
    """Load a saved model, ready to predict.

    Returns
    -------
    MLPClassifier, MLPRegressor, TabularClassifier or TabularRegressor

    Raises
    ------
    ModelFileError
        If the file does not exist, is damaged, altered, of another version, or not a model.
    """
    return load_with_note(path)[0]


def load_with_note(path: str | Path) -> tuple[Any, dict[str, Any]]:
    """Load a model and the note that was saved with it."""
    return revive(path, *read_file(path))


def revive(
    path: str | Path, words: dict[str, Any], arrays: dict[str, Array]
) -> tuple[Any, dict[str, Any]]:
    """Create the estimator that a file describes, and return it with its note."""

    def parse() -> tuple[Any, dict[str, Any]]:
        cls = ESTIMATORS.get(words["estimator"])
        if cls is None:
            raise ValueError(f"there is no estimator {words['estimator']!r}")
        from_value(str, words["library_version"], "library_version")
        note: Any = words["note"]
        if not isinstance(note, dict):
            raise ValueError(f"a note that is a {type(note).__name__}")
        model = cls()
        model.restore(words, arrays)
        return model, note

    return checked(str(path), parse)
