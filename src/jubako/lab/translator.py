"""The translator: the lab's texts, and messages from below, in one language."""

from jubako.i18n.ja import in_japanese
from jubako.i18n.language import Language, translate

from .texts import TEXTS

ACTIVATION_NAMES = {"logistic": ("sigmoid", "シグモイド"), "identity": ("none", "なし")}


class Translator:
    """A translator of texts into one language.

    Parameters
    ----------
    language : Language
    """

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values filled in."""
        return translate(TEXTS, key, self.language, **values)

    def message(self, what: Exception | str) -> str:
        """Return a message, or the message of an error, in the language."""
        sentence = what.args[0] if isinstance(what, Exception) and what.args else what
        return str(in_japanese(sentence) if self.language is Language.ja else sentence)

    def activation(self, name: str) -> str:
        """Return the name of an activation."""
        return ACTIVATION_NAMES.get(name, (name, name))[list(Language).index(self.language)]

    def option(self, name: str) -> str:
        """Return the name of a loss or an optimizer, or its key if there is no text for it."""
        return self(name) if name in TEXTS else name.replace("_", " ")
