"""The compute functions of Arrow, which are made at run time, unseen by type checkers."""

from typing import Any

import pyarrow.compute

pc: Any = pyarrow.compute
