import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from jubako.model.atomic import check_writable, part_of, whole_or_not_at_all

posix = pytest.mark.skipif(os.name != "posix", reason="about permissions and processes of POSIX")


def write(path, text):
    with whole_or_not_at_all(path) as part:
        part.write_text(text)


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755, 0o444])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "m.jubako"
    path.write_text("old")
    path.chmod(mode)
    write(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == "new"


@posix
def test_a_new_file_has_the_usual_permissions(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "m", "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "m").stat().st_mode) == 0o640


@posix
@pytest.mark.parametrize("name", ["target", "missing"])
def test_a_symbolic_link_stays_and_what_it_names_is_replaced(tmp_path, name):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "target").write_text("old")
    link = tmp_path / "link"
    link.symlink_to(Path("real") / name)
    write(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "real" / name).read_text() == "new"
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]
    assert sorted(os.listdir(tmp_path / "real")) == sorted({"target", name})


@posix
def test_what_a_killed_process_left_is_removed(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from jubako.model.atomic import whole_or_not_at_all\n"
        "with whole_or_not_at_all(Path('m')) as part:\n"
        "    part.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    assert done.returncode < 0
    (left,) = os.listdir(tmp_path)
    assert left.endswith(".part")
    others = {
        ".n.1.part",
        "m.part",
        f".m.{os.getpid()}.part",
        ".m.part",
        ".m.12.34.else where.part",
    }
    for name in others:  # of another file, of a process that lives, or of something else
        (tmp_path / name).touch()
    write(tmp_path / "m", "new")
    assert set(os.listdir(tmp_path)) == {"m", *others}


def test_threads_that_write_the_same_file_do_not_mix(tmp_path):
    path, start = tmp_path / "m", threading.Barrier(8)

    def write_long(digit):
        start.wait()
        for _ in range(20):
            write(path, digit * 100_000)

    threads = [threading.Thread(target=write_long, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = path.read_text()
    assert text == text[0] * 100_000
    assert os.listdir(tmp_path) == ["m"]


@posix
def test_a_link_laid_in_the_place_of_the_part_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("precious")
    part_of(tmp_path / "m").symlink_to(tmp_path / "precious")
    write(tmp_path / "m", "new")
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "m").read_text() == "new"


@pytest.mark.parametrize("name", ["m" * 255, "箱" * 85])
def test_the_longest_names_can_be_written(tmp_path, name):
    check_writable(tmp_path / name)
    write(tmp_path / name, "new")
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("place", ["m" * 256, "nowhere/m", "file/m", "d/" * 3000 + "m", "loop"])
def test_what_can_not_be_written_is_found_out_first(tmp_path, place):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match=r"\[Errno"):
        check_writable(tmp_path / place)
    assert sorted(os.listdir(tmp_path)) == ["file", "loop"]


@pytest.fixture
def strangers_folder():
    """Give a folder of a user that is not root, as which the test runs."""
    with tempfile.TemporaryDirectory() as name:
        folder, me = Path(name), os.geteuid()
        folder.chmod(0o755)
        if me == 0:
            os.chown(folder, 65534, -1)
            os.seteuid(65534)
        yield folder
        folder.chmod(0o755)
        os.seteuid(me)


@posix
def test_a_folder_or_a_file_that_is_protected_is_found_out_first(strangers_folder):
    path = strangers_folder / "m"
    path.touch(0o444)
    with pytest.raises(PermissionError, match="write-protected"):
        check_writable(path)
    strangers_folder.chmod(0o555)
    with pytest.raises(PermissionError):
        check_writable(strangers_folder / "n")
