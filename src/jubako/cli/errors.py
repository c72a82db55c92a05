"""The exit code and the message of each error."""

from jubako.i18n.messages import Message

DONE, FAILED, WRONG_OPTION, WRONG_DATA, REFUSED_MODEL, STOPPED_EARLY, TOO_LOW = range(7)
BROKEN_PIPE = 141  # the exit code that a shell reports for a program ended by SIGPIPE


class UsageError(ValueError):
    """An invalid command line: one sentence, with the correction."""


def exit_code_of(error: BaseException) -> int | None:
    """Return the exit code of an error whose message is for the user; None for an internal one."""
    from jubako.core.errors import ParameterError
    from jubako.data.errors import TableError
    from jubako.model.errors import ModelFileError

    from .usage_errors import ClickException

    codes: dict[type[BaseException], int] = {
        TableError: WRONG_DATA,
        ModelFileError: REFUSED_MODEL,
        UsageError: WRONG_OPTION,
        ClickException: WRONG_OPTION,
        ParameterError: WRONG_OPTION,
        OSError: FAILED,
        MemoryError: FAILED,
    }
    return next((code for kind, code in codes.items() if isinstance(error, kind)), None)


def message_of(error: BaseException) -> str:
    """Return the message of an error, in one sentence."""
    from .usage_errors import ClickException, message_of_click

    if isinstance(error, ClickException):
        return message_of_click(error)
    if isinstance(error, MemoryError):
        # NumPy's errors have the size of the array, Python's are empty
        detail = f" ({error})" if str(error) else ""
        return Message(
            "There is not enough memory{detail}: use fewer rows, columns or units.", detail=detail
        )
    if isinstance(error, OSError) and error.strerror:
        place = "" if error.filename is None else f"{str(error.filename)!r}: "
        return Message("{place}{reason}.", place=place, reason=error.strerror)
    if exit_code_of(error) is None:
        return Message(
            "Internal error ({kind}: {error}). Please report it; rerun with --debug for a "
            "traceback.",
            kind=type(error).__name__,
            error=str(error),
        )
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Message) else str(error)
