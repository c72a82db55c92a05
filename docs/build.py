"""Build the documentation site, in English and Japanese: python docs/build.py FOLDER.

A warning fails the build.
"""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent


def build(folder: Path) -> None:
    """Build the English pages into a folder, and the Japanese ones into `ja` in it."""
    for language, pages in (("en", folder), ("ja", folder / "ja")):
        command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going"]
        command += ["-d", str(folder.with_name(folder.name + "-cache") / language), "-t", language]
        subprocess.run([*command, str(DOCS), str(pages)], check=True)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
