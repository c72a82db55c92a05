"""`--run`, `--jobs`, `--cluster` and `jubako runs`."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import jubako as library
from command import jubako

EVERY_EPOCH = """
import jubako.cli, jubako.search.checkpoint
jubako.search.checkpoint.CHECKPOINT_EVERY = 0.0
jubako.cli.main()
"""
TRAIN = "train", "t.csv", "--target", "y", "--preset", "fast", "--out", "m.jubako"


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    lines = [f"{a:.5f},{b:.5f},{c:.5f},{a * b + c:.5f}" for a, b, c in x]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,c,y", *lines]))
    return tmp_path


def predictions(folder):
    done = jubako("predict", "m.jubako", "t.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_command_that_is_terminated_saves_a_model_and_goes_on_with_the_same_bits(folder):
    assert jubako(*TRAIN, cwd=folder).returncode == 0
    right = predictions(folder)
    command = [sys.executable, "-m", "jubako", *TRAIN, "--run", "runs/y", "--jobs", "2"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    log = folder / "runs" / "y"
    while not (log / "candidate-001.safetensors").exists():
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGTERM)
    error = process.communicate()[1]
    assert process.returncode in (0, 5), error  # it may have been at its end
    if process.returncode == 5:
        assert "The same command again continues the run in runs/y." in error
    library.load(folder / "m.jubako")
    done = jubako(*TRAIN, "--run", "runs/y", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert predictions(folder) == right
    shown = jubako("runs", "runs/y", cwd=folder)
    assert "2 of 2 candidates are finished." in shown.stdout
    status = json.loads(jubako("runs", "runs/y", "--json", cwd=folder).stdout)
    assert len(status["finished"]) == status["n_candidates"] == 2
    assert not status["is_running"]
    assert status["running"] == []
    other = jubako(*TRAIN, "--run", "runs/y", "--seed", "1", cwd=folder)
    assert other.returncode == 2
    assert "holds another run, which differs in" in other.stderr


def test_a_folder_that_is_no_run_is_named(folder):
    done = jubako("runs", "nowhere", cwd=folder)
    assert done.returncode == 2
    assert done.stderr == (
        "jubako: There is no run in 'nowhere': `jubako train ... --run nowhere` begins one.\n"
    )
    assert not (folder / "nowhere").exists()


def test_a_single_network_that_is_killed_continues_with_the_same_bits(folder):
    plain = *TRAIN[:4], "--epochs", "800", "--val", "0.2", "--out", "m.jubako", "--force"
    assert jubako(*plain, cwd=folder).returncode == 0
    right = predictions(folder)
    command = [sys.executable, "-c", EVERY_EPOCH, *plain, "--run", "runs/y"]
    path, seen = folder / "runs" / "y" / "network.checkpoint", []
    for number in (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM):
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        before = path.stat().st_mtime_ns if path.exists() else 0
        while not path.exists() or path.stat().st_mtime_ns == before:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.01)
        process.send_signal(number)
        error = process.communicate()[1]
        assert process.returncode == (5 if number == signal.SIGTERM else -number), error
        seen.append(json.loads(jubako("runs", "runs/y", "--json", cwd=folder).stdout))
    assert "The same command again continues the run in runs/y." in error
    assert [status["epoch"] for status in seen] == sorted(status["epoch"] for status in seen)
    assert not seen[-1]["is_running"]
    assert "Single network: epoch" in jubako("runs", "runs/y", cwd=folder).stdout
    library.load(folder / "m.jubako")
    done = jubako(*plain, "--run", "runs/y", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert predictions(folder) == right
    both = jubako(*plain, "--run", "runs/y", "--resume", cwd=folder)
    assert both.returncode == 2
    assert "--run resumes by itself: leave out --resume." in both.stderr


def test_a_search_that_is_interrupted_in_its_first_candidate_can_be_continued(folder):
    stop = """
import os, signal
import jubako.search.search_run as module
def interrupt(*arguments, **options):
    os.kill(os.getpid(), signal.SIGINT)
module.run_task = interrupt
"""
    done = jubako(*TRAIN, "--run", "runs/y", cwd=folder, before=stop)
    assert done.returncode == 130
    assert done.stderr.splitlines()[-2:] == [
        "The same command again continues the run in runs/y.",
        "jubako: interrupted, nothing was saved.",
    ]


def test_a_search_that_is_interrupted_when_its_first_candidate_is_written_keeps_it(folder):
    stop = """
import os, signal
from jubako.search.run_folder import RunFolder
def write(self, *arguments, original=RunFolder.write):
    original(self, *arguments)
    os.kill(os.getpid(), signal.SIGTERM)
RunFolder.write = write
"""
    done = jubako(*TRAIN, "--run", "runs/y", cwd=folder, before=stop)
    assert done.returncode == 5, done.stderr
    assert "The same command again continues the run in runs/y." in done.stderr
    library.load(folder / "m.jubako")


@pytest.mark.parametrize("options", [("--jobs", "2"), ("--cluster", "tcp://x:1")])
def test_options_of_a_search_are_refused_for_a_single_network(folder, options):
    done = jubako(*TRAIN[:4], "--plain", *options, cwd=folder)
    assert done.returncode == 2
    assert f"{options[0]} is for a search over candidates" in done.stderr


def test_a_scheduler_that_is_not_there_is_named(folder):
    pytest.importorskip("distributed")
    code = "import jubako.cli.cluster; jubako.cli.cluster.PATIENCE = 1"
    done = jubako(*TRAIN, "--cluster", "tcp://127.0.0.1:9", cwd=folder, before=code)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "jubako: No Dask scheduler answers at 'tcp://127.0.0.1:9': start `dask scheduler` there, "
        "or correct --cluster."
    )
