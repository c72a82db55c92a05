import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent.parent / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("0*.md"))
FORM = re.compile(
    r"# (\d+)\. [^\n]+\n\n"
    r"- Status: (?:accepted|superseded by \[decision \d+\]\(\S+\))\n"
    r"- Date: \d{4}-\d\d-\d\d\n\n"
    r"## Context\n\n.+\n\n## Decision\n\n.+\n\n## Consequences\n\n.+\n",
    re.DOTALL,
)


@pytest.mark.parametrize("path", RECORDS, ids=[path.stem for path in RECORDS])
def test_a_record_has_status_date_context_decision_and_consequences(path):
    text = path.read_text(encoding="utf-8")
    match = FORM.fullmatch(text)
    assert match, "see docs/decisions/index.md"
    assert int(match[1]) == int(path.name[:4])
    assert re.findall("^## (.+)", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_records_are_numbered_without_gaps():
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))
