"""Which error ends with which exit code."""

DONE, FAILED, WRONG_OPTION, WRONG_DATA, REFUSED_MODEL, STOPPED_EARLY, TOO_LOW = range(7)
INTERRUPTED = 130


def exit_code_of(error: BaseException) -> int | None:
    """Return the exit code of an error that says what to do; None of a defect of ours."""
    from jubako.storage.errors import ModelFileError
    from jubako.table.errors import TableError

    codes: dict[type[BaseException], int] = {
        TableError: WRONG_DATA,
        ModelFileError: REFUSED_MODEL,
        ValueError: WRONG_OPTION,
        OSError: FAILED,
        MemoryError: FAILED,
        KeyboardInterrupt: INTERRUPTED,
    }
    return next((code for kind, code in codes.items() if isinstance(error, kind)), None)
