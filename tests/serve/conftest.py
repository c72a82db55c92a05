import numpy as np
import pytest

from command import jubako
from http_client import Client
from jubako.serve.app import build
from jubako.serve.limits import Limits
from jubako.serve.model_file import ModelFile


def lines_of(n):
    """Rows of a German table: decimal comma, percent, day first, a level called NA."""
    rng = np.random.default_rng(0)
    for i in range(n):
        kind = ["Apfel", "Birne", '"NA"'][i % 3]
        weight, share = round(float(rng.uniform(1, 9)), 2), int(rng.integers(1, 99))
        day = f"{rng.integers(13, 28)}.{rng.integers(1, 12):02}.2025"
        price = round(10 * weight + 5 * (i % 3) + share / 10, 2)
        label = "teuer" if price > 60 else "billig"
        known = weight if i % 9 else ""
        ripe = "yes" if i % 2 else "no"
        yield f"{kind};{known};{share}%;{day.replace('.', '/')};{ripe};{price};{label}".replace(
            ".", ","
        ).replace("/", ".")


HEADER = "Art;Gewicht;Anteil;Tag;reif;Preis;Klasse"


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A table, and a model for its numbers and one for its classes."""
    folder = tmp_path_factory.mktemp("serve")
    (folder / "table.csv").write_text("\n".join([HEADER, *lines_of(90)]) + "\n", "utf-8")
    for name, target, other in (("price", "Preis", "Klasse"), ("class", "Klasse", "Preis")):
        options = "--target", target, "--as", f"{other}=drop", "--preset", "fast"
        done = jubako("train", "table.csv", *options, "--out", f"{name}.jubako", cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def rows(folder):
    """The first rows, as texts by column."""
    header, *lines = (folder / "table.csv").read_text("utf-8").splitlines()[:6]
    names = header.split(";")
    return [
        {name: text.strip('"') or None for name, text in zip(names, line.split(";"), strict=True)}
        for line in lines
    ]


@pytest.fixture
def client_of():
    """Opens clients of applications, without a network."""
    opened = []

    def open_client(path, limits=None, token=None, local=True, report=print, raise_errors=True):
        file = ModelFile(path, report)
        client = Client(file, build(file, limits or Limits(), token, local), raise_errors)
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        client.close()


@pytest.fixture
def price(client_of, folder):
    return client_of(folder / "price.jubako")


@pytest.fixture
def classes(client_of, folder):
    return client_of(folder / "class.jubako")
