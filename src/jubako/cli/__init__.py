"""Floor 5: the command line. Results go to stdout, progress and hints to stderr.

Exit codes: 0 done, 1 failed, 2 wrong option, 3 wrong data, 4 model file refused, 5 stopped early
with a usable model saved, 6 `--fail-under` not reached, 130 interrupted with nothing saved.
"""

import sys

from .errors import FAILED, INTERRUPTED, exit_code_of


def main() -> None:
    """Run the command `jubako`. Whatever is wrong is said in one sentence."""
    try:
        from .commands import app  # takes a moment, in which there may be a Ctrl-C already

        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer has caught Ctrl-C, and says nothing
            print("jubako: interrupted, nothing was saved.", file=sys.stderr)
        raise
    except (Exception, KeyboardInterrupt) as error:
        if "--debug" in sys.argv:
            raise
        code = exit_code_of(error)
        said = str(error) or "interrupted, nothing was saved."
        if code is None:
            said = f"a defect of ours ({type(error).__name__}: {said}). Repeat with --debug."
        print(f"jubako: {said}", file=sys.stderr)
        sys.exit(FAILED if code is None else code)
