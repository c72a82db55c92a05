"""The language of the command: Japanese if the locale or --lang asks for it, or else English."""

import os

from jubako.i18n.language import Language, language_of


class Localization:
    """The language of this process.

    Attributes
    ----------
    language : Language
    """

    def __init__(self) -> None:
        self.language = language_of(os.environ)

    def choose(self, language: Language | None) -> Language:
        """Set the language, or that of the locale if it is None, and return it."""
        self.language = language or language_of(os.environ)
        return self.language

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
