"""Layer 8: the command line. Results go to stdout, progress and hints to stderr.

Exit codes: 0 success, 1 failure, 2 wrong option, 3 wrong data, 4 model file refused, 5 stopped
early with a usable model saved, 6 `--fail-under` not reached. Interrupted with nothing saved: 130
by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP. 141: standard output was closed by its reader, as in
`jubako predict ... | head`.
"""

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress

from jubako.i18n.messages import Message

from .errors import BROKEN_PIPE, DONE, FAILED, STOPPED_EARLY, exit_code_of, message_of
from .interrupts import interrupts
from .localization import localization

INTERRUPTED = 130  # typer ends with it when Ctrl-C reaches it


def main(open_lab: Callable[..., None] | None = None) -> None:
    """Run the command `jubako`; errors are reported in one sentence.

    `open_lab` serves the lab, which is not imported by the command line.
    """
    interrupts.install()
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # some tools put something simpler in their place
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    warnings.showwarning = show_warning
    localization.choose(sys.argv[1:])
    try:
        from .commands import app  # may take long enough for a Ctrl-C

        end: BaseException = SystemExit(app(obj=open_lab, standalone_mode=False))
    except BaseException as error:
        end = error
    try:
        code = conclude(end)
    except BaseException as error:  # handled as Ctrl-C
        code = conclude(error)
    sys.exit(code)


def open_closed_streams() -> None:
    """Connect streams that the caller has closed to the null device.

    Otherwise the next opened file would get their number, and receive what is printed.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115


def conclude(end: BaseException) -> int:
    """Report the error of a command, if it has failed, and return its exit code."""
    if isinstance(end, SystemExit):
        if is_broken_pipe(end.__context__):
            return end_silently()
        if end.code != INTERRUPTED:
            try:
                sys.stdout.flush()
            except OSError as error:
                return conclude(error)
            return end.code if isinstance(end.code, int) else DONE if end.code is None else FAILED
        end = KeyboardInterrupt()
    interrupts.ignore()
    if is_broken_pipe(end):
        return end_silently()
    if "--debug" in sys.argv:
        traceback.print_exception(end)
    from .output_files import saved

    kept = Message("{path!r} is saved.", path=str(saved[-1])) if saved else None
    if isinstance(end, KeyboardInterrupt):
        nothing = Message("interrupted, nothing was saved.")
        print_error(Message("interrupted, but {kept}", kept=kept) if kept else nothing)
        return STOPPED_EARLY if saved else 128 + interrupts.number
    print_error(message_of(end), *([kept] if kept else []))
    try:
        sys.stdout.flush()
    except OSError:
        silence_stdout()
    code = exit_code_of(end)
    return FAILED if code is None else code


def print_error(*sentences: str) -> None:
    """Write sentences to standard error, in the language of the command."""
    from jubako.i18n.escaping import escape_controls

    text = " ".join(map(localization.text, sentences))
    with suppress(OSError):
        print(f"jubako: {escape_controls(text)}", file=sys.stderr, flush=True)


def is_broken_pipe(error: BaseException | None) -> bool:
    """Return whether an error means that standard output was closed by its reader."""
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def end_silently() -> int:
    """End without a message, as other tools do when their output is closed."""
    silence_stdout()
    return BROKEN_PIPE


def silence_stdout() -> None:
    """Discard unwritten output, which Python would report at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def show_warning(message: Warning | str, category: type[Warning], *_: object) -> None:
    """Print a warning of ours as a note; those of other libraries are for developers of Jubako."""
    text = message.args[0] if isinstance(message, Warning) and message.args else message
    if isinstance(text, Message) or "--debug" in sys.argv:
        from .console import print_notes

        print_notes([text if isinstance(text, Message) else " ".join(str(text).split())])
