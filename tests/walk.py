"""Doing what a lesson's way says, without a page."""

import time

from jubako.lab.configuration import Box
from jubako.lab.lessons import LESSONS


def wait_until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def do(who, action):
    session, (kind, *words) = who.session, action
    setup = session.setup
    if kind == "answer":
        who.answer = round(LESSONS[who.lesson].answer(session), 3)
    elif kind == "press" and words[0] == "run":
        session.run()
        wait_until(lambda: not session.running)
    elif kind == "press" and words[0] == "add-layer":
        session.build(setup.but(boxes=(*setup.boxes, setup.boxes[-1] if setup.boxes else Box())))
    elif kind == "press" and words[0] == "scaled":
        session.build(setup.but(scaled=not setup.scaled))
    elif kind == "press" and words[0].startswith("tab-"):
        who.opened_tabs.add(words[0].removeprefix("tab-"))
    elif kind == "press":
        assert words[0].startswith("t")  # a unit is opened
    elif words[0].startswith("activation-"):
        i = int(words[0].removeprefix("activation-"))
        session.build(setup.with_box(i, activation=words[1]))
    elif words[0].startswith("units-"):
        session.build(setup.with_box(int(words[0].removeprefix("units-")), units=int(words[1])))
    elif words[0].startswith("w-"):
        layer, name, j, k = words[0].removeprefix("w-").split("-")
        session.edit(int(layer), name, (int(j), int(k)), float(words[1]))
    elif words[0] == "rate":
        session.build(setup.but(rate=float(words[1].replace(",", "."))))
    else:
        session.build(setup.but(**{words[0]: words[1]}))
