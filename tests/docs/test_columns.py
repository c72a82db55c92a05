import re
from pathlib import Path

import pyarrow as pa
import pytest

from jubako.data.casting.reading import cast, whole
from jubako.data.inference import infer_reading

PAGE = (Path(__file__).parents[2] / "docs" / "columns.md").read_text(encoding="utf-8")
LINES = [line for line in PAGE.splitlines() if line.startswith("| `")]


def test_the_page_has_a_table():
    assert len(LINES) > 20


@pytest.mark.parametrize("line", LINES)
def test_a_column_is_read_as_the_page_says(line):
    values, read_as, missing, note = (cell.strip() for cell in line.strip("|").split("|"))
    words = re.findall("`([^`]+)`", values)
    column = pa.chunked_array([words])
    reading, notes, *_ = infer_reading("a", column)
    found = whole(cast(column, reading, "a")).drop_null().cast(pa.string()).to_pylist()
    unit = f" in {reading.unit}" if reading.unit else ""
    assert f"{reading.kind}{unit}: {', '.join(found)}" == read_as
    assert list(reading.missing) == re.findall("`([^`]+)`", missing)
    assert ("yes" if notes else "no") == note
