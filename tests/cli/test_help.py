"""`--help` and errors of the command line itself, in both languages."""

import inspect
import os
import re

import pytest
import typer

from command import jubako
from jubako.cli.commands import app
from jubako.i18n.ja.cli_help import HELP

JAPANESE = os.environ | {"LC_ALL": "ja_JP.UTF-8", "COLUMNS": "100"}
ENGLISH = os.environ | {"LC_ALL": "C.UTF-8", "COLUMNS": "100"}
SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")  # three words in a row
KANA = re.compile("[ぁ-んァ-ヶ一-龠]")
TYPER = {  # what typer and click add
    *("Usage:", "[OPTIONS]", "COMMAND [ARGS]...", "Arguments", "Options", "Commands"),
    *("default", "required", "Show this message and exit."),
}
GROUP = typer.main.get_command(app)
each_command = pytest.mark.parametrize("command", ["", *GROUP.commands])


def texts():
    """All paragraphs of all commands, arguments and options."""
    found = set(TYPER)
    for command in (GROUP, *GROUP.commands.values()):
        for text in (command.help, command.epilog, *(param.help for param in command.params)):
            found |= {" ".join(part.split()) for part in inspect.cleandoc(text or "").split("\n\n")}
    return found - {""}


def test_every_text_of_the_help_is_there_in_japanese():
    assert set(HELP) == texts()
    assert all(KANA.search(text) for text in HELP.values())


@each_command
def test_the_help_of_every_command_is_in_japanese(command):
    done = jubako(*command.split(), "--help", env=JAPANESE)
    assert done.returncode == 0, done.stderr
    text = done.stdout.replace("jubako train iris", "")
    assert not [line for line in text.splitlines() if SENTENCE.search(line)]
    assert done.stdout.startswith("使い方: jubako")
    assert "オプション:" in done.stdout


@each_command
def test_the_help_of_every_command_has_all_its_options(command):
    done = jubako(*command.split(), "-h", env=ENGLISH)
    for param in (GROUP.commands[command] if command else GROUP).params:
        name = param.metavar if param.param_type_name == "argument" else param.opts[0]
        assert re.search(rf"^  (-o, )?{name} ", done.stdout, re.MULTILINE)
    assert done.stdout.startswith(f"Usage: jubako {command}")


def test_no_line_of_the_help_is_wider_than_the_terminal():
    for columns in ("60", "80", "300"):
        done = jubako("train", "--help", env=ENGLISH | {"COLUMNS": columns})
        assert max(map(len, done.stdout.splitlines())) <= min(int(columns), 100)


@pytest.mark.parametrize(
    "words",
    ["--lang ja --help", "train --help --lang ja", "train --lang=ja -h", "--help --lang=ja"],
)
def test_the_language_is_known_before_the_options_are_parsed(words):
    assert "使い方:" in jubako(*words.split(), env=ENGLISH).stdout


def test_without_arguments_the_help_is_shown_and_the_command_fails():
    done = jubako(env=JAPANESE)
    assert done.returncode == 2
    assert "使い方:" in done.stdout


WRONG = {
    "train": "DATA is missing. See `jubako train --help`.",
    "evaluate m": "DATA is missing. See `jubako evaluate --help`.",
    "train a b": "Unexpected argument: b. See `jubako train --help`.",
    "trian": "There is no command 'trian'. Did you mean train / trace?",
    "xyz": "There is no command 'xyz'. See `jubako --help`.",
    "--lang en": "The name of a command is missing. See `jubako --help`.",
    "--foo": "There is no option --foo. See `jubako --help`.",
    "train a --tragte b": "There is no option --tragte. Did you mean --target?",
    "train a -x": "There is no option -x. See `jubako train --help`.",
    "train a --out": "--out needs a value.",
    "predict a b -o": "-o needs a value.",
    "train a --json=1": "--json takes no value.",
    "train a --epochs many": "--epochs is 'many', but must be an integer of 0 or more.",
    "train a --epochs=-1": "--epochs is '-1', but must be an integer of 0 or more.",
    "train a --seed 1.5": "--seed is '1.5', but must be an integer from 0 to 4294967295.",
    "train a --dropout 1": "--dropout is '1', but must be a number from 0 to 0.99.",
    "trace a b --rate fast": "--rate is 'fast', but must be a number.",
    "train a --task cluster": "--task is 'cluster', but must be one of auto, classify, regress.",
    "train a --lang fr": "--lang is 'fr', but must be one of en, ja.",
    "export a": "--format is missing. See `jubako export --help`.",
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_command_line_is_refused_in_one_sentence(words):
    done = jubako(*words.split(), env=ENGLISH)
    assert done.returncode == 2
    assert done.stderr == f"jubako: {WRONG[words]}\n"
    assert done.stdout == ""


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_command_line_is_refused_in_japanese(words):
    done = jubako(*words.replace("--lang en", "--lang ja").split(), env=JAPANESE)
    assert done.returncode == 2
    assert KANA.search(done.stderr)
    assert not SENTENCE.search(re.sub(r"jubako [a-z]+ --help", "", done.stderr))
    assert done.stdout == ""
