"""Errors of the command line: wrong options, arguments, commands.

The messages of typer are only in English, and differ between versions.
"""

import inspect
import re
import sys
from enum import Enum
from itertools import pairwise
from typing import Any, get_args

import typer

from jubako.i18n.messages import Message, Series

ClickException: Any = typer.BadParameter.__mro__[2]  # of typer's own click, or of the package


def message_of_click(error: Any) -> str:
    """Return the message of an error that typer has raised."""
    param, ctx = getattr(error, "param", None), getattr(error, "ctx", None)
    command: Any = getattr(ctx, "command", None)
    option = getattr(error, "option_name", None)
    hint = Message("See `{command} --help`.", command=getattr(ctx, "command_path", "jubako"))
    if hasattr(error, "possibilities"):
        near = sorted(error.possibilities or ())
        hint = Message("Did you mean {near}?", near=" / ".join(near)) if near else hint
        return Message("There is no option {option}. {hint}", option=option, hint=hint)
    if option:
        if "requires" in error.message:
            return Message("{option} needs a value.", option=option)
        return Message("{option} takes no value.", option=option)
    if hasattr(error, "param_type"):
        return Message("{name} is missing. {hint}", name=name_of(param), hint=hint)
    if param is not None:
        wanted = accepted_values(inspect.signature(command.callback), param.name)
        value = given_value(param.opts, sys.argv)
        return Message(
            "{name} is {value!r}, but must be {wanted}.",
            name=name_of(param),
            value=value,
            wanted=wanted,
        )
    if hasattr(command, "commands"):
        return Message("The name of a command is missing. {hint}", hint=hint)
    extra = re.search(r" \((.*)\)", error.format_message())
    return Message("Unexpected argument: {extra}. {hint}", extra=extra and extra[1], hint=hint)


def no_such_command(name: str, known: list[str]) -> Message:
    """Return the message for an unknown command."""
    from difflib import get_close_matches

    near = get_close_matches(name, known)
    hint = Message("Did you mean {near}?", near=" / ".join(near))
    return Message(
        "There is no command {name!r}. {hint}",
        name=name,
        hint=hint if near else Message("See `{command} --help`.", command="jubako"),
    )


def name_of(param: Any) -> str:
    """Return the name of an option or an argument, as users write it."""
    return param.opts[0] if param.param_type_name == "option" else param.metavar or param.name


def given_value(names: list[str], arguments: list[str]) -> str:
    """Return the value of an option on a command line.

    >>> given_value(["--rows"], ["jubako", "trace", "--rows=x"])
    'x'
    """
    value = ""
    for argument, following in pairwise([*arguments, ""]):
        name, attached, text = argument.partition("=")
        if name in names:
            value = text if attached else following
    return value


def accepted_values(signature: inspect.Signature, name: str) -> Message:
    """Return the values that an option accepts, from the signature of a command."""
    annotated, info, *_ = get_args(signature.parameters[name].annotation)
    kind = next(kind for kind in (*get_args(annotated), annotated) if isinstance(kind, type))
    low, high = info.min, info.max
    if issubclass(kind, Enum):
        return Message("one of {choices}", choices=Series([choice.value for choice in kind]))
    if kind is int and high is not None:
        return Message("an integer from {low} to {high}", low=low, high=high)
    if kind is int:
        return Message("an integer of {low} or more", low=low)
    if high is not None:
        return Message("a number from {low} to {high}", low=low, high=high)
    return Message("a number")
