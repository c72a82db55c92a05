"""The language of the command: Japanese by the locale or --lang, else English."""

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
        self.language: Language = language_of(os.environ)

    def choose(self, arguments: Sequence[str]) -> None:
        """Set the language of `--lang` among the arguments, or else that of the locale.

        The command line is parsed later, since help and error messages are in this language, too.
        """
        self.language = language_of(os.environ)
        for argument, value in pairwise([*arguments, ""]):
            name, _, attached = argument.partition("=")
            if name == "--lang" and (attached or value) in set(Language):
                self.language = Language(attached or value)

    def text(self, message: str) -> str:
        """Return a `Message` in the language; other texts are unchanged."""
        if self.language is Language.en:
            return message
        from jubako.i18n.ja import in_japanese

        return in_japanese(message)

    def saved_text(self, text: str) -> str:
        """Translate a text that was saved as the English text of a `Message`."""
        if self.language is Language.en:
            return text
        from jubako.i18n.ja import JAPANESE

        return JAPANESE.get(text, text)


localization: Localization = Localization()
