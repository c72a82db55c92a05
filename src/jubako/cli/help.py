"""`--help`, in the language of the command."""

import inspect
import re
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from jubako.i18n.language import Language, wrap

from .errors import WRONG_OPTION, UsageError
from .localization import localization
from .usage_errors import no_such_command

LONGEST_LINE = 100  # columns; longer lines are hard to read
LONGEST_FORM = 32  # columns of an option with its type; the text of a longer one begins below it
DETAILS = re.compile(r"(.*?)(?:  \[(.*)\])?", re.DOTALL)  # the text of an option; default, range

Records = Sequence[tuple[str, str]]


class Command(TyperCommand):
    """A command with its help in two languages."""

    def get_help(self, ctx: Any) -> str:
        """Return the text of `--help`."""
        return help_page(self, ctx)


class Group(TyperGroup):
    """The commands with their help in two languages."""

    def get_help(self, ctx: Any) -> str:
        """Return the text of `--help`."""
        return help_page(self, ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options; without any arguments, print the help."""
        if not args:
            print(self.get_help(ctx))
            raise typer.Exit(WRONG_OPTION)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the arguments name."""
        if args[0] not in self.commands:
            raise UsageError(no_such_command(args[0], list(self.commands)))
        return super().resolve_command(ctx, args)


class App(typer.Typer):
    """Commands with their help in two languages."""

    def command(self, *args: Any, **options: Any) -> Callable[[Any], Any]:
        """Declare a command; see `typer.Typer.command`."""
        return super().command(*args, cls=Command, **options)


def help_page(command: Any, ctx: Any) -> str:
    """Return the text of `--help` of a command: usage, description, arguments and options."""
    pieces = [translated(piece.strip("{}")) for piece in command.collect_usage_pieces(ctx)]
    width = min(shutil.get_terminal_size().columns, LONGEST_LINE)
    blocks = [f"{translated('Usage:')} {ctx.command_path} {' '.join(pieces)}"]
    blocks += [wrap(translated(part), width) for part in paragraphs(command.help)]
    parts = [(part.param_type_name, part.get_help_record(ctx)) for part in command.get_params(ctx)]
    commands = getattr(command, "commands", {})
    sections = {
        "Arguments": [record for kind, record in parts if kind == "argument" and record],
        "Options": [record for kind, record in parts if kind == "option" and record],
        "Commands": [(name, paragraphs(each.help)[0]) for name, each in commands.items()],
    }
    for title, records in sections.items():
        if records:
            blocks.append(f"{translated(title)}:\n{described(records, width)}")
    blocks += [translated(part) for part in paragraphs(command.epilog)]
    return "\n\n".join(blocks)


def paragraphs(text: str | None) -> list[str]:
    """Return the paragraphs of a text, each in one line."""
    return [" ".join(part.split()) for part in inspect.cleandoc(text or "").split("\n\n") if part]


def translated(text: str) -> str:
    """Return a paragraph of the help in the language of the command."""
    if localization.language is Language.en:
        return text
    from jubako.i18n.ja.cli_help import HELP

    return HELP.get(text, text)


def described(records: Records, width: int) -> str:
    """Return options with their texts in a second column."""
    forms = [form.replace(" range>", ">") for form, _ in records]  # the text has the range
    left = 4 + max(len(form) for form in forms if len(form) <= LONGEST_FORM)
    lines: list[str] = []
    for form, (_, text) in zip(forms, records, strict=True):
        first, *others = wrap(with_details(text), width - left).split("\n")
        if len(form) <= LONGEST_FORM:
            lines.append(f"  {form}".ljust(left) + first)
        else:
            lines += [f"  {form}", " " * left + first]
        lines += [" " * left + line for line in others]
    return "\n".join(lines)


def with_details(text: str) -> str:
    """Return the text of an option, with its default and range, in the language of the command.

    >>> with_details("Number of steps.  [default: 100; x>=1]")
    'Number of steps. [default: 100; x>=1]'
    """
    match = DETAILS.fullmatch(text)
    assert match
    sentence, details = translated(match[1]), match[2]
    for word in ("default", "required"):
        details = details and details.replace(word, translated(word), 1)
    return f"{sentence} [{details}]" if details else sentence
