"""Signals and lack of memory at every moment of a command: nothing is lost, or wrongly said."""

import os
import pty
import signal
import subprocess
import sys
import time

import pytest

import jubako as library
from command import jubako

ALL = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
TRAIN = "train", "t.csv", "--target", "ok", "--epochs", "2"
PLACES = {  # where a signal comes: the module and the name of the function that is called then
    "reading": ("jubako.cli.table_options", "read_table"),
    "between training and saving": ("jubako.cli.train", "seconds_of"),
    "writing": ("jubako.model.model_file", "save"),
    "written": ("jubako.model.atomic", "sync_folder"),
    "measuring": ("jubako.cli.train", "evaluate"),
    "baselines": ("jubako.cli.train", "baselines"),
    "showing": ("jubako.cli.train", "show_metrics"),
    "the end": ("jubako.cli.train", "suggest"),
}


@pytest.fixture
def folder(tmp_path):
    lines = [f"{i * 7 % 11},{'yes' if i % 3 else 'no'}" for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["size,ok", *lines]) + "\n")
    return tmp_path


def when_called(place, act):
    """Return Python that does something when a function is called, and then calls it."""
    module, name = PLACES[place]
    return f"""
import os, signal, time
import {module} as module
def called(*arguments, original=module.{name}, **options):
    {act}
    return original(*arguments, **options)
module.{name} = called
"""


def kill(*numbers):
    return "; ".join(f"os.kill(os.getpid(), {int(number)})" for number in numbers)


def in_training(*numbers, of="", apart=0.0):
    """Return Python that sends signals when an epoch is over, `of` a certain network."""
    return f"""
import os, threading, time
from rich.progress import Progress
def send():
    for number in {[int(n) for n in numbers]}:
        os.kill(os.getpid(), number)
        time.sleep({apart})
sender = threading.Thread(target=send, daemon=True)
def update(*arguments, original=Progress.update, **options):
    if sender.ident is None and {of!r} in str(options):
        sender.start()
    return original(*arguments, **options)
Progress.update = update
"""


@pytest.mark.parametrize("number", ALL)
def test_a_signal_before_training_leaves_nothing_behind(folder, number):
    done = jubako(*TRAIN, cwd=folder, before=when_called("reading", kill(number)))
    assert done.returncode == 128 + number
    assert done.stderr == "jubako: interrupted, nothing was saved.\n"
    assert os.listdir(folder) == ["t.csv"]


@pytest.mark.parametrize("number", ALL)
def test_a_signal_in_training_saves_measures_and_says_how_to_go_on(folder, number):
    endless = "train", "digits", "--epochs", "100000", "--out", "d.jubako"
    done = jubako(*endless, cwd=folder, before=in_training(number))
    assert done.returncode == 5, done.stderr
    assert "Interrupted in epoch" in done.stderr
    assert "--resume" in done.stderr
    assert "test set" in done.stdout
    assert library.load(folder / "d.jubako").predict is not None


def test_many_networks_are_saved_too(folder):
    many = "train", "t.csv", "--target", "ok", "--preset", "best"
    done = jubako(*many, cwd=folder, before=in_training(signal.SIGTERM, of="candidate 3 of"))
    assert done.returncode == 5, done.stderr
    assert "Interrupted after" in done.stderr
    assert (folder / "t.jubako").exists()


def test_signals_that_come_together_count_as_one(folder):
    """A terminal that is closed sends SIGHUP, and its shell sends another."""
    endless = "train", "digits", "--epochs", "100000", "--out", "d.jubako"
    twice = in_training(signal.SIGHUP, signal.SIGHUP, signal.SIGINT, apart=0.05)
    done = jubako(*endless, cwd=folder, before=twice)
    assert done.returncode == 5, done.stderr
    assert "test set" in done.stdout


@pytest.mark.parametrize("place", list(PLACES)[1:])
def test_a_trained_model_is_saved_whenever_a_signal_comes(folder, place):
    done = jubako(*TRAIN, cwd=folder, before=when_called(place, kill(signal.SIGINT)))
    assert done.returncode == 5, done.stderr
    assert "Saved as t.jubako." in done.stderr
    assert done.stderr.endswith("jubako: interrupted, but 't.jubako' is saved.\n")
    assert "nothing was saved" not in done.stderr
    library.load(folder / "t.jubako")
    assert sorted(os.listdir(folder)) == ["t.csv", "t.jubako"]


def test_a_second_ctrl_c_skips_measuring(folder):
    endless = "train", "digits", "--epochs", "100000", "--out", "d.jubako"
    second = when_called("measuring", "time.sleep(1.1); " + kill(signal.SIGINT))
    second = second.replace("    time.sleep", "    if os.path.exists('d.jubako'): time.sleep")
    done = jubako(*endless, cwd=folder, before=in_training(signal.SIGINT) + second)
    assert done.returncode == 5, done.stderr
    assert done.stdout == ""
    assert "jubako: interrupted, but 'd.jubako' is saved." in done.stderr
    library.load(folder / "d.jubako")


@pytest.mark.parametrize("place", ["measuring", "baselines"])
def test_a_model_is_saved_when_memory_ends_in_measuring(folder, place):
    done = jubako(*TRAIN, cwd=folder, before=when_called(place, "raise MemoryError"))
    assert done.returncode == 1
    assert "not enough memory" in done.stderr
    assert "'t.jubako' is saved." in done.stderr
    library.load(folder / "t.jubako")


def test_memory_that_ends_before_is_said_too(folder):
    done = jubako(*TRAIN, cwd=folder, before=when_called("reading", "raise MemoryError"))
    assert done.returncode == 1
    assert "not enough memory" in done.stderr
    assert "saved" not in done.stderr


def test_an_internal_error_is_not_called_a_wrong_option(folder):
    act = "raise ValueError('operands could not be broadcast together')"
    done = jubako(*TRAIN, cwd=folder, before=when_called("baselines", act))
    assert done.returncode == 1
    assert "Internal error (ValueError: operands could not" in done.stderr
    assert (
        "Please report it; rerun with --debug for a traceback. 't.jubako' is saved." in done.stderr
    )
    assert "Traceback" not in done.stderr
    done = jubako("--debug", *TRAIN, cwd=folder, before=when_called("baselines", act))
    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("number", ALL)
def test_predictions_are_written_whole_or_not_at_all(folder, number):
    assert jubako(*TRAIN, cwd=folder).returncode == 0
    arguments = "predict", "t.jubako", "t.csv", "--out", "p.csv"
    code = f"""
import os, jubako.cli.predict as module
module.unseen_notes = lambda *_: {kill(number)} or []
"""
    done = jubako(*arguments, cwd=folder, before=code)
    assert done.returncode == 128 + number
    assert sorted(os.listdir(folder)) == ["t.csv", "t.jubako"]
    done = jubako(*arguments, cwd=folder, before=when_called("written", kill(number)))
    assert "interrupted, but 'p.csv' is saved" in done.stderr
    assert len((folder / "p.csv").read_text().splitlines()) == 61


def test_what_nohup_ignores_stays_ignored(folder):
    before = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    done = jubako(*TRAIN, cwd=folder, before=before + when_called("reading", kill(signal.SIGHUP)))
    assert done.returncode == 0, done.stderr


def test_a_terminal_that_is_closed_in_training_loses_no_model(folder):
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "jubako", "train", "digits", "--epochs", "100000"]
    take_terminal = "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    take_terminal += "signal.signal(signal.SIGHUP, signal.SIG_DFL); "  # also below nohup
    take_terminal += "os.execv(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", take_terminal, *command],
        cwd=folder,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    while b"epoch" not in shown:  # of the bar
        shown += os.read(main, 10_000)
    time.sleep(0.5)
    os.close(main)  # the system sends SIGHUP
    process.wait(60)
    library.load(folder / "digits.jubako")
    assert sorted(os.listdir(folder)) == ["digits.jubako", "t.csv"]
