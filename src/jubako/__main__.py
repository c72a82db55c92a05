"""The command `jubako`, also `python -m jubako`: the command line, which can open the lab."""

from typing import Any

from jubako.cli import main as run_command


def open_lab(*arguments: Any) -> None:
    """Serve the lab; see `jubako.lab.__main__.open_lab`."""
    from jubako.lab import __main__ as lab  # loads NiceGUI

    lab.open_lab(*arguments)


def main() -> None:
    """Run the command `jubako`."""
    run_command(open_lab)


if __name__ == "__main__":
    main()
