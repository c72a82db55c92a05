"""The fuzz targets, for a minute each from a fixed seed; `make fuzz` runs them for longer."""

import pytest

from fuzzing import run

SECONDS = 60


@pytest.mark.parametrize("target", ["fuzz_models", "fuzz_tables"])
def test_no_case_fails(target):
    assert run(target, SECONDS, seed=0) > 100
