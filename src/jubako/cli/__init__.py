"""Floor 6: the command line. Results go to stdout, progress and hints to stderr.

Exit codes: 0 done, 1 failed, 2 wrong option, 3 wrong data, 4 model file refused, 5 stopped early
with a usable model saved, 6 `--fail-under` not reached. Interrupted with nothing saved: 130 by
Ctrl-C, 143 by SIGTERM, 129 by SIGHUP. 141: nobody reads standard output any more, as in
`jubako predict ... | head`.
"""

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress

from .errors import BROKEN_PIPE, DONE, FAILED, STOPPED_EARLY, exit_code_of, text_of
from .interrupts import interrupts

INTERRUPTED = 130  # typer ends with it when Ctrl-C reaches it


def main(open_lab: Callable[..., None] | None = None) -> None:
    """Run the command `jubako`. Whatever is wrong is said in one sentence.

    `open_lab` serves the lab, which stands beside the command line and not below it.
    """
    interrupts.install()
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # some tools put something simpler in their place
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    warnings.showwarning = show_warning
    try:
        from .commands import app  # takes a moment, in which there may be a Ctrl-C already

        app(obj=open_lab)
        end: BaseException = SystemExit(DONE)
    except BaseException as error:
        end = error
    try:
        code = conclude(end)
    except BaseException as error:  # as a Ctrl-C in the last moment
        code = conclude(error)
    sys.exit(code)


def open_closed_streams() -> None:
    """Let what goes to a stream that the caller has closed go nowhere, not into the next file."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115


def conclude(end: BaseException) -> int:
    """Say how a command has ended, if that was not as it should, and return its exit code."""
    if isinstance(end, SystemExit):
        if is_broken_pipe(end.__context__):
            return quiet()
        if end.code != INTERRUPTED:
            try:
                sys.stdout.flush()
            except OSError as error:
                return conclude(error)
            return end.code if isinstance(end.code, int) else DONE if end.code is None else FAILED
        end = KeyboardInterrupt()
    interrupts.ignore()
    if is_broken_pipe(end):
        return quiet()
    if "--debug" in sys.argv:
        traceback.print_exception(end)
    from .output_files import saved

    kept = f"{str(saved[-1])!r} is saved." if saved else ""
    if isinstance(end, KeyboardInterrupt):
        say(f"interrupted, but {kept}" if saved else "interrupted, nothing was saved.")
        return STOPPED_EARLY if saved else 128 + interrupts.number
    say(" ".join([text_of(end), kept]).strip())
    try:
        sys.stdout.flush()
    except OSError:
        silence_stdout()
    code = exit_code_of(end)
    return FAILED if code is None else code


def say(text: str) -> None:
    """Write one sentence to standard error, whatever is in it."""
    from jubako.i18n.escaping import escape_controls

    with suppress(OSError):
        print(f"jubako: {escape_controls(text)}", file=sys.stderr, flush=True)


def is_broken_pipe(error: BaseException | None) -> bool:
    """Tell whether nobody reads standard output any more."""
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def quiet() -> int:
    """End as other tools do when what reads their output has ended."""
    silence_stdout()
    return BROKEN_PIPE


def silence_stdout() -> None:
    """Let what could not be written go nowhere, or Python would complain of it at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def show_warning(message: Warning | str, category: type[Warning], *_: object) -> None:
    """Print a warning to the user as a note; others are for those who develop Jubako."""
    if issubclass(category, UserWarning) or "--debug" in sys.argv:
        from .console import err

        err.print(f"Note: {' '.join(str(message).split())}")
