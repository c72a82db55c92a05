"""Sphinx extension: reference pages that are read off the code.

`command-pages` documents the commands and options of the command line, `public-class` a class with
its methods, `public-module` the classes of a module, `core-tables` the tables of activations,
losses and so on.
"""

import importlib
import inspect
import re
from typing import Any

import core_tables
from docutils import nodes
from numpydoc.docscrape_sphinx import SphinxDocString
from sphinx.util.docutils import SphinxDirective

FIRST = [  # methods in the order in which they are used
    "fit",
    "partial_fit",
    "predict",
    "predict_proba",
    "predict_log_proba",
    "predict_interval",
    "predict_set",
    "distill",
    "report",
    "export",
    "save",
    "describe",
]
OPTION = re.compile(r"(?s)(.*?)(?:  \[(.*)\])?")  # the text of an option; its default and range
TYPES = {"str": "TEXT", "int": "INT", "float": "NUMBER", "path": "PATH"}


class PublicClass(SphinxDirective):
    """A class: its description, then its methods."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return what autodoc makes of the class and its methods."""
        return self.parse_text_to_nodes(class_text(self.arguments[0]))


class PublicModule(SphinxDirective):
    """All classes that a module defines."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return what autodoc makes of the classes."""
        module = importlib.import_module(self.arguments[0])
        names = [
            name
            for name, cls in vars(module).items()
            if inspect.isclass(cls) and cls.__module__ == module.__name__
        ]
        text = "\n".join(class_text(f"{module.__name__}.{name}") for name in names)
        return self.parse_text_to_nodes(text)


def class_text(name: str) -> str:
    """Return the directives of autodoc for a class and its methods."""
    module, _, short = name.rpartition(".")
    own, inherited = methods(getattr(importlib.import_module(module), short))
    lines = [f".. autoclass:: {name}", ""]
    for heading, names in (
        ("Methods", [method for method in FIRST if method in own] or own),
        (
            "Further methods, used by the command line and the lab",
            [method for method in own if method not in FIRST] if {*FIRST} & {*own} else [],
        ),
    ):
        if names:
            lines += [f".. rubric:: {heading}", ""]
            lines += [f".. automethod:: {name}.{method}" for method in names] + [""]
    if inherited:
        listed = ", ".join(f"``{method}``" for method in inherited)
        lines += [".. rubric:: Methods of scikit-learn", "", f"{listed}: as in scikit-learn.", ""]
    return "\n".join(lines)


def methods(cls: type) -> tuple[list[str], list[str]]:
    """Return the names of the public methods that Jubako defines, and of the inherited ones."""
    names = [
        name
        for name, member in inspect.getmembers(cls)
        if not name.startswith("_") and callable(member)
    ]
    own = [n for n in names if defined_in(getattr(cls, n)).startswith("jubako")]
    others = [n for n in names if defined_in(getattr(cls, n)).startswith("sklearn")]
    return own, others


def defined_in(member: object) -> str:
    """Return the name of the module that defines a method; empty for those of built-in types."""
    return getattr(member, "__module__", None) or ""


class Commands(SphinxDirective):
    """All commands, their arguments and options, as they are declared."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each command."""
        text = "\n".join(command_text(*each) for each in commands().items())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def commands() -> dict[str, Any]:
    """Return the commands by what one types: `jubako`, `jubako train`, ..."""
    from typer.main import get_command

    from jubako.cli.commands import app

    group: Any = get_command(app)
    return {"jubako": group} | {f"jubako {name}": one for name, one in group.commands.items()}


def command_text(name: str, command: Any) -> str:
    """Return the Markdown of a command: heading, usage, description, arguments and options."""
    import click

    context = click.Context(command, info_name=name)
    usage = " ".join(piece.strip("{}") for piece in command.collect_usage_pieces(context))
    help_text = inspect.cleandoc(command.help or "")
    parts = [
        f"## {name}",
        f"```text\n{name} {usage}\n```",
        help_text,
        f":::{{program}} {name}\n:::",
    ]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and parameter.param_type_name == "argument":
            parts.append(f"`{record[0].split()[0]}`\n: {sentence(record[1])}")
        elif record:
            parts.append(f"::::{{option}} {form(record[0])}\n{sentence(record[1])}\n::::")
    return "\n\n".join(parts) + "\n"


def form(text: str) -> str:
    """Return the form of an option, as `--seed INT`."""
    text = re.sub(r"<(str|int|float|path)( range)?>", lambda match: TYPES[match[1]], text)
    return text.replace(" / ", ", ")


def sentence(text: str) -> str:
    """Return the text of an option, with its default and range set off."""
    match = OPTION.fullmatch(text)
    assert match
    plain = match[1].replace("*", r"\*")
    return f"{plain} *{match[2].capitalize()}.*" if match[2] else plain


class CoreTables(SphinxDirective):
    """The tables of activations, losses, layers, initializers, optimizers and schedules."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each table."""
        return self.parse_text_to_nodes(core_tables.text(), allow_section_headings=True)


def described_in_class(
    self: SphinxDocString, param: str, desc: list[str], fake_autosummary: bool
) -> tuple[str, list[str]]:
    """Return an attribute with its text in the docstring of the class, also if it is a property."""
    return f"**{param.strip()}**", desc


def setup(app: Any) -> dict[str, bool]:
    """Register the directives."""
    SphinxDocString._process_param = described_in_class
    app.add_directive("command-pages", Commands)
    app.add_directive("public-class", PublicClass)
    app.add_directive("public-module", PublicModule)
    app.add_directive("core-tables", CoreTables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
