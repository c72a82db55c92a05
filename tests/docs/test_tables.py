import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_tables_is_up_to_date():
    tables = runpy.run_path(str(DOCS / "tables.py"))
    assert (DOCS / "tables.md").read_text(encoding="utf-8") == tables["page"](), "run `make docs`"
