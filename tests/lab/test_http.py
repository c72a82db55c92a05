"""Requests as no browser makes them, over a socket, to a lab that runs."""

import random
import re
import socket
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from jubako.lab.auth import LARGEST_UPLOAD

TOKEN_HERE = "@"  # stands for the lab's token in a request line


@pytest.fixture
def speak(lab):
    """Sends bytes to the lab, and returns what comes back."""
    return speaker(lab)


def speaker(lab):
    address = "127.0.0.1", urlsplit(lab).port

    def send(request, wait=10.0):
        with closing(socket.create_connection(address, timeout=wait)) as sock:
            sock.sendall(request)
            answer = b""
            while not complete(answer) and (piece := sock.recv(1 << 16)):
                answer += piece
        return answer

    return send


def complete(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(end and length and len(body) >= int(length[1]))


def status(answer):
    return int(answer.split(b" ", 2)[1])


def location(answer):
    found = re.search(rb"(?i)\r\nlocation: ([^\r\n]*)", answer.partition(b"\r\n\r\n")[0])
    return found and found[1].decode()


def head(lab, *more, line="GET / HTTP/1.1", cookie=True):
    address = urlsplit(lab)
    token = address.query.partition("=")[2]
    words = [line.replace(TOKEN_HERE, token), f"Host: {address.netloc}"]
    if cookie:
        port = address.port
        words.append(f"Cookie: jubako-{port}={token}; jubako-learner-{port}=raw")
    return "\r\n".join([*words, *more, "", ""]).encode("latin-1")


def test_a_body_in_pieces_that_is_too_large_is_refused(lab, speak):
    piece = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
    start = head(lab, "Transfer-Encoding: chunked", line="POST /file?name=a.csv HTTP/1.1")
    n = (LARGEST_UPLOAD >> 20) + 1
    answer = speak(start + piece * n + b"0\r\n\r\n", wait=60)
    assert status(answer) == 413
    assert b"50 MB" in answer


def test_an_upload_that_stalls_is_answered_and_closed(hasty_lab):
    line = "POST /file?name=a.csv HTTP/1.1"
    for more in ("Content-Length: 1000", "Transfer-Encoding: chunked"):
        answer = speaker(hasty_lab)(head(hasty_lab, more, line=line) + b"3\r\na,b\r\n")
        assert status(answer) == 408
        assert b"connection: close" in answer


@pytest.mark.parametrize("start", [b"", b"GET / HTTP/1.1\r\nHost: 127", b"\r\n"])
def test_a_request_that_does_not_come_on_is_closed(hasty_lab, start):
    assert speaker(hasty_lab)(start) == b""
    # so it is after a request that came whole
    with closing(socket.create_connection(("127.0.0.1", urlsplit(hasty_lab).port), 10)) as sock:
        sock.sendall(head(hasty_lab, line="GET /x HTTP/1.1", cookie=False))
        answer = b""
        while not complete(answer):
            answer += sock.recv(1 << 16)
        assert status(answer) == 401
        sock.sendall(b"GET /")
        assert sock.recv(1 << 16) == b""


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("GET /?token=@ HTTP/1.1", "/"),
        ("GET //evil.example/?token=@ HTTP/1.1", "/"),
        ("GET /\\evil.example/?token=@ HTTP/1.1", "/"),
        ("GET /%2F%2Fevil.example?token=@ HTTP/1.1", "/"),
        ("GET /%0d%0aset-cookie:a=b?token=@ HTTP/1.1", "/"),
        ("GET /%E6%97%A5?token=@ HTTP/1.1", "/"),
        ("GET /?token=@&setup=%E6%97%A5%0d%0ax:y HTTP/1.1", "/?setup=%E6%97%A5%0D%0Ax%3Ay"),
    ],
)
def test_the_token_leads_to_the_page(lab, speak, line, target):
    answer = speak(head(lab, line=line, cookie=False))
    assert status(answer) == 303
    assert location(answer) == target


@pytest.mark.parametrize(
    "origin", ["http://[", "http://127.0.0.1:1", "null", "http://[::1]:99999999", "\x80"]
)
def test_a_strange_origin_is_refused(lab, speak, origin):
    assert status(speak(head(lab, f"Origin: {origin}"))) == 403


def test_a_learner_can_put_nothing_into_the_headers(lab, speak):
    port = urlsplit(lab).port
    cookie = rf'Cookie: jubako-learner-{port}="a\015\012set-cookie: evil=1"'
    answer = speak(head(lab, cookie, line="GET /?token=@ HTTP/1.1", cookie=False))
    assert status(answer) == 303
    assert b"evil" not in answer


def test_all_scripts_of_the_page_have_the_nonce_and_no_value_makes_one(lab, speak):
    answer = speak(head(lab, line="GET /?setup=%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1"))
    assert status(answer) == 200
    nonce = re.search(rb"'nonce-([\w-]+)'", answer)[1]
    scripts = re.findall(rb"<script[^>]*>", answer)
    assert len(scripts) > 3
    assert all(b'nonce="' + nonce + b'"' in script for script in scripts)
    assert b"alert(1)" not in b"".join(re.findall(rb"<script[^>]*>[^<]*", answer))


@pytest.mark.parametrize("path", ["nothing", "docs", "openapi.json", "_nicegui/x", "file"])
def test_where_there_is_nothing_that_is_said(lab, speak, path):
    assert status(speak(head(lab, line=f"GET /{path} HTTP/1.1"))) in (404, 405)


def test_any_request_is_answered_and_none_gets_past_the_guard(lab, speak):
    """Nothing crashes, leads off the page, or comes in without the token."""
    rng = random.Random(0)
    host = urlsplit(lab).netloc
    lines = ["GET /", "POST /file", "GET //e.x", "PUT /", "HEAD /", "GET /\xe6", "FOO /", "GET e"]
    queries = [
        "",
        "?token=@",
        "?token=x",
        "?token=",
        "?token=@&token=x",
        "?\xff",
        "?%ff=%",
        "?&&==",
    ]
    values = ["", host, "http://[", "é", "x" * 300, '"\\012"', "-1", "chunked", "a=b;", "[::1]:x"]
    keys = ["Host", "Origin", "Cookie", "Content-Length", "X-Forwarded-Prefix", "Transfer-Encoding"]
    keys += ["X-Forwarded-Host", "Upgrade", "Range", "Accept", "Referer"]
    for _ in range(150):
        line = f"{rng.choice(lines)}{rng.choice(queries)} HTTP/1.{rng.choice('0111')}"
        more = [f"{rng.choice(keys)}: {rng.choice(values)}" for _ in range(rng.randrange(4))]
        request = head(lab, *more, "Connection: close", line=line, cookie=False)
        try:
            answer = speak(request, wait=3)
        except (TimeoutError, ConnectionError):  # a body was promised that did not come
            assert re.search(rb"(?i)content-length|transfer-encoding", request)
            continue
        assert status(answer) in (303, 400, 401, 403), request
        if location(answer) is not None:
            assert re.match(r"/(\?|$)", location(answer)), request
            assert b"token=" in request
