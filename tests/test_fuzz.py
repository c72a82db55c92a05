"""The fuzz targets, for half a minute each from a fixed seed; `make fuzz` runs them for longer."""

import pytest

from fuzzing import run

SECONDS = 30


@pytest.mark.parametrize("target", ["fuzz_models", "fuzz_tables"])
def test_no_case_fails(target):
    assert run(target, SECONDS, seed=0) > 100
