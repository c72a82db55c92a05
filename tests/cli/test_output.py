"""Where commands may write: never over what they read, and found out before any work."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from command import jubako
from jubako import load
from jubako.cli.train_options import default_path

TABLE = "size,ok\n" + "".join(f"{i * 7 % 11},{'yes' if i % 3 else 'no'}\n" for i in range(60))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("output")
    (folder / "in.csv").write_text(TABLE)
    command = "train", "in.csv", "--target", "ok", "--epochs", "1"
    assert jubako(*command, cwd=folder).returncode == 0
    return folder


@pytest.fixture
def folder(trained, tmp_path):
    """Give a folder of its own with a table, links to it, and a model."""
    for name in ("in.csv", "in.jubako"):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    (tmp_path / "test.csv").write_text(TABLE)
    (tmp_path / "soft.csv").symlink_to("in.csv")
    (tmp_path / "hard.csv").hardlink_to(tmp_path / "in.csv")
    (tmp_path / "d").mkdir()
    return tmp_path


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


TRAIN = "train", "in.csv", "--target", "ok", "--epochs", "100000", "--force"
FORBIDDEN = {  # what is read, and would be overwritten
    "data": (*TRAIN, "--out", "in.csv"),
    "another spelling": (*TRAIN, "--out", "d/../in.csv"),
    "a symbolic link": (*TRAIN, "--out", "soft.csv"),
    "a hard link": (*TRAIN, "--out", "hard.csv"),
    "test rows": (*TRAIN, "--test", "test.csv", "--out", "test.csv"),
    "validation rows": (*TRAIN, "--plain", "--val", "test.csv", "--out", "./test.csv"),
    "with --resume": (*TRAIN, "--resume", "--out", "in.csv"),
    "predicted rows": ("predict", "in.jubako", "soft.csv", "--force", "-o", "in.csv"),
    "traced rows": ("trace", "in.jubako", "page.html", "--force", "--html", "page.html"),
    "recorded rows": (
        *("export", "in.jubako", "--format", "recording", "--data", "page.html", "--force"),
        *("--out", "page.html"),
    ),
    "explained rows": ("explain", "in.jubako", "p.svg", "--force", "--picture", "p.svg"),
    "a model": ("explain", "model.svg", "in.csv", "--force", "--picture", "model.svg"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_is_read_is_never_overwritten(folder, what):
    for name in ("page.html", "p.svg"):
        (folder / name).write_text(TABLE)
    (folder / "model.svg").write_bytes((folder / "in.jubako").read_bytes())
    before = contents(folder)
    done = jubako(*FORBIDDEN[what], cwd=folder)
    assert done.returncode == 2, done.stderr
    assert "which it does not overwrite: choose another name" in done.stderr
    assert contents(folder) == before


def test_standard_input_from_a_file_is_not_overwritten_either(folder):
    options = "--target", "ok", "--force", "--out", "in.csv"
    for data in ("-", "/dev/stdin"):
        done = jubako("train", data, *options, cwd=folder, stdin=folder / "in.csv")
        assert done.returncode == 2
    assert (folder / "in.csv").read_text() == TABLE


def test_predictions_are_not_appended_to_what_is_read(folder):
    before = "import os; os.dup2(os.open('in.csv', os.O_WRONLY | os.O_APPEND), 1)"
    done = jubako("predict", "in.jubako", "in.csv", cwd=folder, before=before)
    assert done.returncode == 2
    assert (folder / "in.csv").read_text() == TABLE


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_do_no_harm(folder, closed):
    """A file that is opened takes the number of a closed stream, and would get what is printed."""
    train = "train in.csv --target ok --epochs 1 --out m.jubako"
    command = f"{sys.executable} -m jubako {train} {closed}"
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert (folder / "in.csv").read_text() == TABLE
    assert load(folder / "m.jubako")


PLACES = {
    "a folder": ("d", 2, "is a folder"),
    "no folder": ("nowhere/m", 2, "no folder"),
    "a file as folder": ("in.csv/m", 2, "no folder"),
    "a device": ("/dev/null", 2, "not a regular file"),
    "a long name": ("m" * 256, 1, "can't be written: File name too long"),
    "a long path": ("d/../" * 2000 + "m", 1, "can't be written: File name too long"),
    "a loop": ("loop", 1, "can't be written: Too many levels"),
    "a link to nowhere": ("astray", 1, "can't be written: No such file"),
    "no space for it": ("/proc/m", 1, "can't be written: No such file"),
}


@pytest.mark.parametrize("what", PLACES)
def test_a_place_that_can_not_be_written_is_found_before_training(folder, what):
    place, code, words = PLACES[what]
    (folder / "loop").symlink_to("loop")
    (folder / "astray").symlink_to("nowhere/m")
    before = contents(folder)
    done = jubako(*TRAIN, "--out", place, cwd=folder, timeout=30)  # else it would train for hours
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert contents(folder) == before


def test_a_model_that_is_trained_anew_keeps_its_permissions_and_its_link(folder):
    (folder / "in.jubako").chmod(0o640)
    (folder / "link.jubako").symlink_to("in.jubako")
    before = (folder / "in.jubako").read_bytes()
    command = "train", "in.csv", "--target", "ok", "--epochs", "2", "--out", "link.jubako"
    assert jubako(*command, cwd=folder).returncode == 0
    assert (folder / "link.jubako").is_symlink()
    assert (folder / "in.jubako").read_bytes() != before
    assert stat.S_IMODE((folder / "in.jubako").stat().st_mode) == 0o640


def test_a_picture_is_overwritten_only_if_forced(folder):
    (folder / "p.svg").write_text("mine")
    command = "explain", "in.jubako", "in.csv", "--time", "1s", "--picture", "p.svg"
    assert jubako(*command, cwd=folder).returncode == 2
    assert (folder / "p.svg").read_text() == "mine"
    assert jubako(*command, "--force", cwd=folder).returncode == 0
    assert "<svg" in (folder / "p.svg").read_text()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("shop.csv", "shop.jubako"),
        ("a/my.data.v2.csv", "my.data.v2.jubako"),
        ("my.data.v2.csv.gz", "my.data.v2.jubako"),
        ("sales.2024.PARQUET", "sales.2024.jubako"),
        ("sales.2024", "sales.2024.jubako"),
        ("iris", "iris.jubako"),
        ("表.tsv.zip", "表.jubako"),
        ("-", "model.jubako"),
        ("/dev/stdin", "model.jubako"),
        ("/dev/fd/63", "model.jubako"),
        (".csv", "model.jubako"),
        ("-x.csv", "x.jubako"),
    ],
)
def test_a_model_is_named_like_its_table(data, name):
    assert default_path(data) == Path(name)
