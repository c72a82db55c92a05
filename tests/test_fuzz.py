"""The first cases of each fuzz target; `make fuzz` runs as many as there is time for."""

import pytest

from fuzzing import run

CASES = {"fuzz_models": 300, "fuzz_tables": 800}  # each about ten seconds


@pytest.mark.parametrize("target", CASES)
def test_no_case_fails(target):
    assert run(target, seed=0, n=CASES[target]) == CASES[target]
