import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.lab import auth
from jubako.lab.auth import LARGEST_UPLOAD, Guard

HOST = b"127.0.0.1:8765"
TOKEN = "secret-token"
COOKIES = b"jubako-8765=secret-token; jubako-learner-8765=ann"


async def page(scope, receive, send):
    """What is behind the guard: says who came in, and reads the body."""
    while scope["type"] == "http":
        message = await receive()
        if not message.get("more_body"):
            break
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    body = f"<script nonce={scope['nonce']}>1</script>{scope['learner']}".encode()
    start = {"type": "http.response.start", "status": 200}
    await send({**start, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": body})


def ask(headers, query=b"", kind="http", bodies=(b"",), path="/", endless=False):
    """Return what comes back: the messages that were sent."""
    sent, coming = [], list(bodies)

    async def receive():
        if not coming:  # it stalls
            await asyncio.sleep(60)
        body = coming.pop(0)
        more = endless or bool(coming)
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "path": path, "query_string": query, "headers": headers}
    # in a thread of its own: the browser's tests keep an event loop running in this one
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, Guard(page, TOKEN)(scope, receive, send)).result()
    return sent


def headers(**more):
    words = {"host": HOST, "cookie": COOKIES} | more
    return [(name.replace("_", "-").encode(), value) for name, value in words.items() if value]


def header(sent, name):
    return dict(sent[0]["headers"]).get(name.encode(), b"").decode()


def test_who_has_the_token_in_a_cookie_comes_in():
    sent = ask(headers())
    assert sent[0]["status"] == 200
    assert sent[1]["body"].endswith(b"</script>ann")


@pytest.mark.parametrize(
    "cookie",
    [
        None,
        b"jubako-8765=wrong; jubako-learner-8765=ann",
        b"jubako-1=secret-token",
        b'x="',
        b"jubako-8765=secret-token",
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_who_has_not_stays_outside(cookie, kind):
    sent = ask(headers(cookie=cookie), kind=kind)
    if kind == "http":
        assert sent[0]["status"] == 401
        assert b"token" in sent[1]["body"]
    else:
        assert [message["type"] for message in sent] == ["websocket.close"]


def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address():
    sent = ask(headers(cookie=None), query=b"token=secret-token&setup=abc")
    assert sent[0]["status"] == 303
    assert header(sent, "location") == "/?setup=abc"
    cookies = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
    assert cookies[0].startswith("jubako-8765=secret-token;")
    assert re.match(r"jubako-learner-8765=[\w-]{20,};", cookies[1])
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite" in cookie


def test_who_comes_back_with_the_token_stays_the_same_learner():
    sent = ask(headers(), query=b"token=secret-token")
    cookies = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
    assert cookies[1].startswith("jubako-learner-8765=ann;")


def test_two_newcomers_are_two_learners():
    first, second = (ask(headers(cookie=None), query=b"token=secret-token") for _ in range(2))
    assert first[0]["headers"][-1] != second[0]["headers"][-1]


def test_a_wrong_token_opens_nothing():
    assert ask(headers(cookie=None), query=b"token=secret-tokem")[0]["status"] == 401


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host", [b"evil.example", b"evil.example:8765", b"127.0.0.1.evil.example", b"", b"a:b:c"]
)
def test_another_host_is_refused_even_with_the_cookie(host, kind):
    sent = ask([(b"host", host), (b"cookie", COOKIES)], kind=kind)
    assert sent[0].get("status") == (403 if kind == "http" else None)
    assert sent[0]["type"] in ("http.response.start", "websocket.close")


@pytest.mark.parametrize("host", [b"localhost:8765", b"127.0.0.1:8765", b"[::1]:8765"])
def test_this_machine_is_let_in_under_its_names(host):
    assert ask(headers(host=host))[0]["status"] == 200


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("origin", [b"https://evil.example", b"http://127.0.0.1:9999", b"null"])
def test_another_origin_is_refused_even_with_the_cookie(origin, kind):
    sent = ask(headers(origin=origin), kind=kind)
    assert sent[0].get("status") == (403 if kind == "http" else None)


def test_the_own_origin_is_let_in():
    sent = ask(headers(origin=b"http://127.0.0.1:8765"), kind="websocket")
    assert sent[0]["type"] == "websocket.accept"


def test_too_large_an_upload_is_refused_by_its_length():
    sent = ask(headers(content_length=str(LARGEST_UPLOAD + 1).encode()))
    assert sent[0]["status"] == 413
    assert b"50 MB" in sent[1]["body"]


def test_too_large_an_upload_is_refused_where_it_says_no_length():
    sent = ask(headers(), bodies=[b"x" * (LARGEST_UPLOAD // 2)] * 3)
    assert sent[0]["status"] == 413


def test_a_length_that_is_no_number_is_refused():
    assert ask(headers(content_length=b"many"))[0]["status"] == 413


@pytest.mark.parametrize("length", [b"9" * 5000, b"-1", b"\xb2", b""])
def test_whatever_is_said_of_the_length_is_no_crash(length):
    sent = ask([*headers(), (b"content-length", length)])
    assert sent[0]["status"] == 413


def test_an_upload_that_stalls_is_given_up(monkeypatch):
    monkeypatch.setattr(auth, "PIECE_SECONDS", 0.05)
    assert ask(headers(), bodies=[b"x"], endless=True)[0]["status"] == 408


def test_an_upload_that_drips_is_given_up(monkeypatch):
    monkeypatch.setattr(auth, "BODY_SECONDS", 0.05)
    assert ask(headers(), bodies=[b"x"], endless=True)[0]["status"] == 408


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/日", "/\\evil.example", "/a\r\nset-cookie: b=c"]
)
def test_a_token_leads_to_the_page_and_nowhere_else(path):
    sent = ask(headers(cookie=None), query=b"token=secret-token&a=%0d%0ab", path=path)
    assert sent[0]["status"] == 303
    assert header(sent, "location") == "/?a=%0D%0Ab"


@pytest.mark.parametrize(
    "cookie",
    [
        rb'jubako-learner-8765="a\015\012set-cookie: b=c"',
        rb"jubako-learner-8765=" + b"a" * 65,
        b"jubako-learner-8765=\xe9",
    ],
)
def test_a_learner_that_the_guard_has_not_named_is_named_anew(cookie):
    sent = ask(headers(cookie=cookie), query=b"token=secret-token")
    cookies = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
    assert re.fullmatch(r"jubako-learner-8765=[\w-]{22}; Path=/; .*", cookies[1])
    assert ask(headers(cookie=b"jubako-8765=secret-token; " + cookie))[0]["status"] == 401


def test_a_request_to_two_hosts_is_refused():
    assert ask([(b"host", HOST), (b"host", b"evil.example")])[0]["status"] == 403
    assert ask([*headers(), (b"host", HOST)])[0]["status"] == 403


@pytest.mark.parametrize(
    "origin", [b"http://[", b"https://127.0.0.1:8765", b"", b"http://127.0.0.1:8765/", b"\xff"]
)
def test_an_origin_that_is_none_is_refused(origin):
    assert ask([*headers(), (b"origin", origin)])[0]["status"] == 403


def test_a_script_of_the_page_gets_a_nonce_of_its_own():
    nonces = []
    for _ in range(2):
        sent = ask(headers())
        policy = header(sent, "content-security-policy")
        nonce = re.search(r"'nonce-([^']+)'", policy)[1]
        assert sent[1]["body"].startswith(f"<script nonce={nonce}>".encode())
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy.partition("style-src")[0]
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


names = st.sampled_from([b"host", b"origin", b"cookie", b"content-length", b"expect", b"x"])
values = st.binary(max_size=30) | st.sampled_from(
    [HOST, b"localhost:99999", b"[::1", b"http://[", b"null", b"1e3", b"jubako-8765=\xff", b'a="']
)
any_headers = st.lists(st.tuples(names, values), max_size=6)


@given(
    any_headers,
    st.booleans(),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.sampled_from([b"", b"token=secret-tokem&", b"token=&token=%ff&"]),
    st.sampled_from(["http", "websocket"]),
)
def test_nothing_that_is_asked_without_the_token_comes_in_or_crashes(
    more, is_first, path, query, start, kind
):
    asked = [*headers(cookie=None), *more] if is_first else more
    sent = ask(asked, query=start + query, kind=kind, path=path)
    if kind == "websocket":
        assert [message["type"] for message in sent] == ["websocket.close"]
    else:
        assert sent[0]["status"] in (401, 403)


@given(any_headers, st.text(max_size=20), st.binary(max_size=20))
def test_the_token_never_leads_off_the_page(more, path, query):
    sent = ask([*headers(cookie=None), *more], query=query + b"&token=secret-token", path=path)
    assert sent[0]["status"] in (303, 403)
    if sent[0]["status"] == 303:
        assert re.fullmatch(r"/(\?[\w.~%=&+-]*)?", header(sent, "location"), re.ASCII)
        for name, value in sent[0]["headers"]:
            assert not re.search(rb"[\x00-\x1f\x7f]", name + value)


@given(any_headers, st.text(max_size=20), st.binary(max_size=20))
def test_who_has_the_token_never_sees_the_guard_crash(more, path, query):
    sent = ask([*headers(), *more], query=query, path=path)
    assert sent[0]["status"] in (200, 303, 401, 403, 413)
