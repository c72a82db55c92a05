"""Table files that are damaged: any bytes are a table, or are refused in one sentence.

A table that is read, at once or in pieces, is then described and turned into numbers. What the
columns of unchanged files hold is read back as it was written. `tests/fuzzing.py` runs the cases.
"""

import bz2
import gzip
import io
import json
import warnings
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from jubako.data.column_encoding import encode, fit_columns
from jubako.data.errors import TableError
from jubako.data.readers.read import read_batches, read_table

WORDS = [
    *("a", "b c", "赤い", "Zoë", "Größe", "москва", "x\ny", 'say "x"', "NA", "", " ", "-", "?"),
    *("001", "1e5", "16,957", "1.234,5", "12,50 €", "50%", "-0", "1e400", "nan", "inf", "9" * 400),
    *(
        "2026-01-05",
        "05/01/2026",
        "令和5年8月19日",
        "12:30",
        "0000-00-00",
        "true",
        "[/x]",
        "\x1b[31m",
    ),
    *("=1+1", "x" * 500, "\ufeff", "é", "𝄞", "#DIV/0!", "{", "[{", "sep=;", "# note"),
]
ENCODINGS = [
    "utf-8",
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "cp932",
    "cp1252",
    "cp1251",
    "gbk",
]
JUNK = [b'"', b",", b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xe9", b"[" * 100, b'{"a":' * 60, b";"]
JUNK += [
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"sep=;\n",
    b"PAR1",
]


def prepare(folder):
    """Return the path of the file that is changed."""
    return folder / "table"


def random_table(rng):
    """Return a table with columns of many types, some with missing values."""
    n = int(rng.choice([1, 2, 5, 30, 30, 30, 300]))
    columns = {}
    for i in range(int(rng.integers(1, 6))):
        values = pa.array(random_column(rng, n))
        missing = pa.array(rng.random(n) < rng.choice([0, 0.3]))
        columns[str(rng.choice(["a", "名前", "x y", "when", "n"])) + str(i)] = pa.compute.if_else(
            missing, None, values
        )
    return pa.table(columns)


def random_column(rng, n):
    """Return values of one of many types."""
    words = list(rng.choice(np.array(WORDS, object), int(rng.integers(1, 5))))
    dates = np.datetime64("2026-01-01", "s") + rng.integers(0, 10**8, n)
    return [
        lambda: rng.integers(-5, 1000, n),
        lambda: rng.normal(size=n) * 10.0 ** rng.integers(-300, 300),
        lambda: rng.random(n) < 0.5,
        lambda: [words[i] for i in rng.integers(0, len(words), n)],
        lambda: dates,
        lambda: dates.astype("datetime64[D]"),
        lambda: pa.array([words[i] for i in rng.integers(0, len(words), n)]).dictionary_encode(),
        lambda: [[1, 2]] * n,
        lambda: [{"p": 1, "q": None}] * n,
        lambda: [b"\xff\0"] * n,
        lambda: pa.array(rng.integers(0, 10**6, n), pa.duration("ms")),
        lambda: pa.array(rng.integers(0, 86400, n).astype(np.int32), pa.time32("s")),
        lambda: pa.array(np.round(rng.normal(size=n), 2)).cast(pa.decimal128(20, 5)),
        lambda: pa.nulls(n),
    ][rng.integers(14)]()


def as_file(table, rng):
    """Return the bytes of a file that holds a table."""
    kind = rng.choice(["csv", "csv", "csv", "json", "parquet", "arrow", "stream"])
    buffer = io.BytesIO()
    if kind == "csv":
        data = as_csv(table, rng)
    elif kind == "json":
        rows = (json.dumps(row, default=str, ensure_ascii=False) for row in table.to_pylist())
        data = ("\n".join(rows) + "\n").encode("utf-8", "replace")
    elif kind == "parquet":
        pyarrow.parquet.write_table(
            table,
            buffer,
            compression=str(rng.choice(["none", "snappy", "zstd"])),
            use_dictionary=bool(rng.random() < 0.5),
            data_page_version=str(rng.choice(["1.0", "2.0"])),
        )
        data = buffer.getvalue()
    else:
        schema = table.schema
        made = pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream
        compression = str(rng.choice(["", "lz4", "zstd"])) or None
        options = pa.ipc.IpcWriteOptions(compression=compression)
        with made(buffer, schema, options=options) as writer:
            writer.write_table(table, max_chunksize=20)
        data = buffer.getvalue()
    pack = rng.integers(10)
    if pack == 0:
        return gzip.compress(data, mtime=0)
    if pack == 1:
        return bz2.compress(data)
    if pack == 2:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            opened.writestr("table", data)
        return archive.getvalue()
    return data


def as_csv(table, rng):
    """Return a table as text, in one of the ways in which people write it."""
    mark, end = str(rng.choice([",", ";", "\t", "|"])), str(rng.choice(["\n", "\r\n"]))
    quoted = rng.random() < 0.5

    def field(value):
        text = "" if value is None else str(value)
        needs = quoted or any(c in text for c in f'{mark}"\r\n')
        return '"' + text.replace('"', '""') + '"' if needs and value is not None else text

    rows = [
        table.column_names,
        *zip(*(column.to_pylist() for column in table.columns), strict=True),
    ]
    text = "".join(mark.join(map(field, row)) + end for row in rows)
    before = str(rng.choice(["", "", "", f"sep={mark}{end}", f"A title{end}{end}", f"# note{end}"]))
    return (before + text).encode(str(rng.choice(ENCODINGS)), "replace")


def changed(data, rng):
    """Return bytes with a few of them changed, taken out, put in, or cut off."""
    for _ in range(int(rng.choice([0, 1, 1, 2, 5, 20]))):
        place = int(rng.integers(len(data) + 1))
        kind = rng.integers(6)
        if kind == 0:
            data = data[:place] + JUNK[rng.integers(len(JUNK))] + data[place:]
        elif kind == 1:
            new = JUNK[rng.integers(len(JUNK))]
            data = data[:place] + new + data[place + len(new) :]
        elif kind == 2:
            data = data[:place] + bytes([rng.integers(256)]) + data[place + 1 :]
        elif kind == 3 and place < len(data):
            data = data[:place] + bytes([data[place] ^ (1 << rng.integers(8))]) + data[place + 1 :]
        elif kind == 4:
            data = data[:place] + data[place + int(rng.integers(1, 50)) :]
        elif rng.random() < 0.3:
            data = data[:place]
    return data


def attempt(path, rng):
    """Read a file that may be damaged, and use what was read."""
    path.write_bytes(changed(as_file(random_table(rng), rng), rng))
    whole, pieces = outcome(lambda: read(path)), outcome(lambda: read_pieces(path))
    if isinstance(whole, str):
        check_sentence(whole)
    if isinstance(pieces, str):
        check_sentence(pieces)
    if isinstance(whole, pa.Table) and isinstance(pieces, pa.Table):
        assert whole.num_rows == pieces.num_rows
    elif not isinstance(whole, str) or not isinstance(pieces, str):
        raise AssertionError(f"{whole!r} at once, {pieces!r} in pieces")
    if isinstance(whole, pa.Table):
        check_sentence(outcome(lambda: use(whole)))


def outcome(call):
    """Return what a call gives, or the sentence with which it refuses."""
    try:
        return call()
    except TableError as error:
        return str(error)


def read(path):
    """Return the whole table; what was noted must be sentences."""
    found = read_table(str(path))
    for sentence in (found.read_as, *found.notes):
        check_sentence(sentence)
    return found.table


def read_pieces(path):
    """Return the table that the pieces make."""
    return pa.concat_tables(read_batches(str(path)), promote_options="permissive")


def use(table):
    """Fit columns and encode them, as training does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # how columns are read
        columns, dropped = fit_columns(table)
    numbers = encode(columns, table)
    assert np.isfinite(numbers).all()
    assert len(columns) + len(dropped) == table.num_columns
    assert all(column.describe() for column in columns)
    return "used"


def check_sentence(text):
    """Fail if a text is no single line of a length that can be read."""
    assert "\n" not in text
    assert len(text) < 2000
    for word in ("Arrow error", "arrow::", "CSV parse", "Traceback", "pyarrow"):
        assert word not in text, text
