import re
from pathlib import Path

import pytest

import jubako.core

ROOT = Path(__file__).parents[2]
SOURCES = [path.read_text(encoding="utf-8") for path in Path(jubako.core.__path__[0]).glob("*.py")]


@pytest.mark.parametrize("name", ["step.md", "step.ja.md"])
def test_the_code_on_the_page_is_the_code_that_runs(name):
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    quotations = [block for block in blocks if not block.startswith(">>>")]
    assert len(quotations) >= 7
    for quotation in quotations:
        assert any(quotation in source for source in SOURCES), quotation
