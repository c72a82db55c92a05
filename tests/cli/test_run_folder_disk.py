"""Run folders on a disk that is full or read-only, deleted, and used twice: one sentence each."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

import jubako as library
from command import jubako

ROWS = [(i * 7 % 11, i * 5 % 13, (i * 7 % 11) * (i * 5 % 13)) for i in range(600)]
SEARCH = "train", "t.csv", "--target", "y", "--out", "m.jubako", "--force"
PLAIN = *SEARCH, "--epochs", "400"
FEW_EPOCHS = """
import jubako.search.crossval
jubako.search.crossval.EPOCHS = 20, 20
"""
FREQUENT = f"""{FEW_EPOCHS}
import jubako.search.checkpoint
jubako.search.checkpoint.CHECKPOINT_EVERY = 0.0
"""


@pytest.fixture
def folder(tmp_path):
    lines = ["a,b,y", *(f"{a},{b},{y}" for a, b, y in ROWS)]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.fixture
def mounted(tmp_path):
    """A function that mounts a small file system in memory, where that is allowed."""
    places = []

    def mount(options):
        place = tmp_path / "disk"
        place.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            pytest.skip("mounting is not allowed here")
        places.append(place)
        return place

    if shutil.which("mount") is None:
        pytest.skip("there is no mount")
    yield mount
    for place in reversed(places):
        subprocess.run(["umount", "-l", place], check=False)


def is_one_sentence(done, text):
    last = done.stderr.rstrip().splitlines()[-1]
    assert last.startswith("jubako: "), done.stderr
    assert text in last
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("options", [SEARCH, (*SEARCH, "--jobs", "2"), PLAIN])
def test_a_disk_that_is_full_from_the_start(folder, mounted, options):
    disk = mounted("size=4k")
    (disk / "filler").write_bytes(b"0" * 4096)
    done = jubako(*options, "--run", disk / "run", cwd=folder)
    if options == PLAIN and done.returncode == 0:
        assert "Training continues without checkpoints." in done.stderr
        return
    assert done.returncode == 1
    is_one_sentence(done, "can't be written: No space left on device")


FILL = """
import errno, pathlib, threading, time
def fill(run):
    while not (run / "candidate-002.safetensors").exists():
        time.sleep(0.001)
    with open(run.parent / "filler", "wb", buffering=0) as file:
        for size in (2**16, 2**8, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass
threading.Thread(target=fill, args=(pathlib.Path("disk/run"),), daemon=True).start()
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_disk_that_is_full_after_some_candidates_keeps_what_is_finished(folder, mounted, jobs):
    disk = mounted("size=80m")
    done = jubako(
        *SEARCH, "--jobs", jobs, "--run", disk / "run", cwd=folder, before=FREQUENT + FILL
    )
    assert done.returncode == 5, done.stderr
    assert "No space left on device" in done.stderr
    assert "The run folder could not be written after" in done.stderr
    assert "Traceback" not in done.stderr
    library.load(folder / "m.jubako")


def test_a_disk_that_is_full_costs_one_network_only_its_checkpoints(folder, mounted):
    disk = mounted("size=100k")
    done = jubako(*PLAIN, "--run", disk / "run", cwd=folder, before=FREQUENT)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Training continues without checkpoints.") == 1
    library.load(folder / "m.jubako")


@pytest.mark.parametrize("options", [SEARCH, PLAIN])
def test_a_read_only_disk_is_refused(folder, mounted, options):
    disk = mounted("ro,size=1m")
    done = jubako(*options, "--run", disk / "run", cwd=folder)
    assert done.returncode == 1
    is_one_sentence(done, "can't be written: Read-only file system. Choose another folder")


def start(folder, *options):
    code = f"{FREQUENT}\nimport jubako.cli\njubako.cli.main()"
    command = [sys.executable, "-c", code, *options, "--run", "r"]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def wait_for(path, process):
    while not path.exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)


@pytest.mark.parametrize("options", [(*SEARCH, "--preset", "best"), (*PLAIN[:-1], "20000")])
def test_two_commands_at_once_and_a_folder_that_is_deleted_meanwhile(folder, options):
    process = start(folder, *options)
    name = "network.checkpoint" if options[-1] == "20000" else "candidate-001.safetensors"
    wait_for(folder / "r" / name, process)
    second = jubako(*options, "--run", "r", cwd=folder)
    assert second.returncode == 2
    is_one_sentence(second, "is in use by another command: wait until that has ended")
    while (folder / "r").exists():
        shutil.rmtree(folder / "r", ignore_errors=True)  # it may be writing
    if name == "network.checkpoint":  # it goes on: end it
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
    error = process.communicate(timeout=120)[1]
    assert process.returncode == 5, error
    assert "can't be written" in error
    assert "Traceback" not in error
    library.load(folder / "m.jubako")


def test_a_clock_that_jumps_changes_nothing(folder):
    """A time limit is measured by a clock that does not jump, and files are not compared by age."""
    jump = f"""{FEW_EPOCHS}
import time
real, calls = time.time, []
def jumping():
    calls.append(1)
    return real() + (-1e6 if len(calls) % 2 else 1e6)
time.time = jumping
"""
    fast = *SEARCH, "--preset", "fast"
    assert jubako(*fast, cwd=folder, before=FEW_EPOCHS).returncode == 0
    right = jubako("predict", "m.jubako", "t.csv", cwd=folder).stdout
    done = jubako(*fast, "--run", "r", "--time", "1h", cwd=folder, before=jump)
    assert done.returncode == 0, done.stderr
    for file in (folder / "r").iterdir():
        os.utime(file, (0, 0))
    done = jubako(*fast, "--run", "r", "--time", "1h", cwd=folder, before=jump)
    assert done.returncode == 0, done.stderr
    assert jubako("predict", "m.jubako", "t.csv", cwd=folder).stdout == right
