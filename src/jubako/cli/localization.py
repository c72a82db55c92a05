"""The language of the command: Japanese if the locale or --lang asks for it, or else English."""

import os
from collections.abc import Sequence
from itertools import pairwise

from jubako.i18n.language import Language, language_of


class Localization:
    """The language of this process.

    Attributes
    ----------
    language : Language
    """

    def __init__(self) -> None:
        self.language = language_of(os.environ)

    def choose(self, arguments: Sequence[str]) -> None:
        """Set the language that `--lang` names among the arguments; if none, that of the locale.

        The command line is parsed later, since help and errors in it are in this language, too.
        """
        self.language = language_of(os.environ)
        for argument, value in pairwise([*arguments, ""]):
            name, _, attached = argument.partition("=")
            if name == "--lang" and (attached or value) in set(Language):
                self.language = Language(attached or value)

    def text(self, message: str) -> str:
        """Return a `Message` in the language; any other text as it is."""
        if self.language is Language.en:
            return message
        from jubako.i18n.ja import in_japanese

        return in_japanese(message)

    def saved_text(self, text: str) -> str:
        """Return a text that was a `Message` before it was saved, in the language."""
        if self.language is Language.en:
            return text
        from jubako.i18n.ja import JAPANESE

        return JAPANESE.get(text, text)


localization = Localization()
