"""Which error ends with which exit code."""

DONE, FAILED, WRONG_OPTION, WRONG_DATA, REFUSED_MODEL, STOPPED_EARLY, TOO_LOW = range(7)
BROKEN_PIPE = 141  # what a shell says of a program that SIGPIPE ended


class UsageError(ValueError):
    """A command line that can't be followed: one sentence with what to write instead."""


def exit_code_of(error: BaseException) -> int | None:
    """Return the exit code of an error whose text is for the user; None of an internal error."""
    from jubako.core.errors import ParameterError
    from jubako.data.errors import TableError
    from jubako.model.errors import ModelFileError

    codes: dict[type[BaseException], int] = {
        TableError: WRONG_DATA,
        ModelFileError: REFUSED_MODEL,
        UsageError: WRONG_OPTION,
        ParameterError: WRONG_OPTION,
        OSError: FAILED,
        MemoryError: FAILED,
    }
    return next((code for kind, code in codes.items() if isinstance(error, kind)), None)


def text_of(error: BaseException) -> str:
    """Return what an error says, in one sentence."""
    if isinstance(error, MemoryError):
        # NumPy says how much it has asked for, Python nothing
        detail = f" ({error})" if str(error) else ""
        return f"There is not enough memory{detail}: use fewer rows, columns or units."
    if isinstance(error, OSError) and error.strerror:
        place = "" if error.filename is None else f"{str(error.filename)!r}: "
        return f"{place}{error.strerror}."
    if exit_code_of(error) is None:
        return (
            f"Internal error ({type(error).__name__}: {error}). Please report it; rerun with "
            "--debug for a traceback."
        )
    return str(error)
