"""`python -m jubako` is the command `jubako`."""

from jubako.cli import main

main()
