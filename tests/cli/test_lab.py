import signal
import subprocess
import sys
import urllib.request

import pytest

from command import jubako


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nofile.csv"], 3, "There is no file 'nofile.csv'"),
        (["docs/data/fruit.csv", "--target", "nix"], 3, "has no column 'nix'"),
        (["iris", "--target", "specis"], 3, "did you mean 'species'?"),
        (["--port", "70000"], 2, "65535"),
    ],
)
def test_what_can_not_be_opened_is_said_in_one_sentence(words, code, said):
    done = jubako("lab", "--no-browser", *words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_nicegui_one_sentence_says_what_to_install():
    code = "import sys; sys.modules['nicegui'] = None; from jubako.__main__ import main; main()"
    command = [sys.executable, "-c", code, "lab", "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == 'jubako: the lab needs NiceGUI: pip install "jubako[lab]"\n'


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_it_opens_an_own_table_and_ends_quietly_with_ctrl_c():
    words = ["lab", "docs/data/果物.csv", "--target", "値段", "--port", "0", "--no-browser"]
    command = [sys.executable, "-m", "jubako", *words, "--lang", "ja"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, encoding="utf-8") as process:
        assert process.stdout.readline().startswith("ラボを開きました")
        address = process.stdout.readline().strip()
        port = address.partition("?")[0]
        taken = jubako("lab", "--no-browser", "--port", port.rpartition(":")[2].strip("/"))
        assert taken.returncode == 1
        assert "is taken" in taken.stderr
        jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with jar.open(address) as page:
            assert page.status == 200
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
    assert process.returncode == 0
    assert complaints == ""
