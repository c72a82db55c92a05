"""Some hundred malformed requests; `make fuzz` sends as many as one likes."""

import numpy as np
import pytest

import fuzz_requests


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    client, table = fuzz_requests.prepare(tmp_path_factory.mktemp("fuzz"))
    yield client, table
    client.close()


def test_malformed_requests_are_no_internal_errors(prepared):
    for number in range(300):
        fuzz_requests.attempt(prepared, np.random.default_rng([0, number]))
