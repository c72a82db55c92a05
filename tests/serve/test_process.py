"""The command `jubako serve` as a process: its signals, its port, its file."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from command import jubako
from jubako.serve.server import is_loopback

JSON = {"Content-Type": "application/json"}
TOKEN = {"Authorization": "Bearer sesame"}
HASTY = """
import jubako.serve.model_file
jubako.serve.model_file.SECONDS = 0.1
from jubako.__main__ import main
main()
"""


@contextmanager
def running(path, *options, token=""):
    """A service in a process of its own, its port and what it has written on standard error."""
    command = [sys.executable, "-c", HASTY, "serve", str(path), "--port", "0", *options]
    env = {**os.environ, **({"JUBAKO_TOKEN": token} if token else {})}
    lines = []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:
            for line in process.stderr:
                lines.append(line)
                if found := re.search(r"predicts at http://[^:]+:(\d+)", line):
                    break
            reader = threading.Thread(target=lambda: lines.extend(process.stderr))
            reader.start()
            yield process, int(found[1]), lines
        finally:
            process.terminate()
            process.wait(20)
            reader.join()


def test_a_token_replacements_under_load_and_a_stop_with_requests_in_flight(folder, tmp_path, rows):
    path = shutil.copy(folder / "price.jubako", tmp_path / "m.jubako")
    body, answers, stop = json.dumps(rows), [], threading.Event()
    with running(path, "--lang", "en", token="sesame") as (process, port, lines):

        def ask():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            while not stop.is_set():
                connection.request("POST", "/predict", body, JSON | TOKEN)
                answer = connection.getresponse()
                answers.append((answer.status, answer.read()))
            connection.close()

        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", "/predict", body, JSON)
        assert connection.getresponse().status == 401
        connection.close()
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for source in ("class", "price"):
            shutil.copy(folder / f"{source}.jubako", f"{path}.part")
            os.replace(f"{path}.part", path)
            wait_for(lambda n=source: sum("was replaced" in x for x in lines) == 1 + (n == "price"))
        path.write_bytes(b"broken")
        wait_for(lambda: any("can't be used" in line for line in lines))
        n = len(answers)
        wait_for(lambda: len(answers) > n + 3)
        stop.set()
        for thread in threads:
            thread.join()
        assert {status for status, _ in answers} == {200}
        assert {next(iter(json.loads(text)["predictions"][0])) for _, text in answers} == {
            "Preis",
            "Klasse",
        }
        with socket.create_connection(("127.0.0.1", port)) as slow:
            head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
            head += "Content-Type: application/json\r\nAuthorization: Bearer sesame\r\n\r\n"
            slow.sendall(head.encode() + body[:9].encode())
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            wait_for(lambda: refused(port))
            slow.sendall(body[9:].encode())
            assert slow.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
        assert process.wait(20) == 0
    assert lines[-1] == "The service has stopped.\n"
    assert not any("Traceback" in line for line in lines)


def wait_for(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def refused(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("example.com", False),
        ("localhost.x", False),
    ],
)
def test_which_hosts_are_this_machine(host, local):
    assert is_loopback(host) == local


def test_a_port_in_use_is_one_sentence(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = jubako("serve", "price.jubako", "--port", port, "--lang", "en", cwd=folder)
    assert done.returncode == 1
    assert re.fullmatch(rf"jubako: Port {port} of '127.0.0.1' can't be used \(.*\n", done.stderr)


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (("none.jubako",), 4, "There is no model file 'none.jubako'."),
        (("table.csv",), 4, "jubako: "),
        (("price.jubako", "--token", " "), 2, "The token is empty: set JUBAKO_TOKEN"),
        (("price.jubako", "--host", "999.1.1.1"), 1, "choose another with --host"),
    ],
)
def test_what_can_not_be_served(folder, options, code, sentence):
    done = jubako("serve", *options, "--port", "0", "--lang", "en", cwd=folder)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert sentence in done.stderr
