import numpy as np
import pytest

from jubako.core.embeddings import Periodic
from jubako.core.losses import CrossEntropy, SquaredError
from jubako.model.candidate import MOST_PERIODIC, Candidate
from jubako.search.candidates import CANDIDATES, random_candidate
from jubako.search.crossval import cross_validate
from jubako.search.encoded import EncodedRows
from jubako.search.folds import folds
from jubako.training.engines.native.engine import NativeEngine, best_engine
from jubako.training.engines.native.library import libraries


@pytest.mark.parametrize("candidate", CANDIDATES, ids=Candidate.describe)
@pytest.mark.parametrize("n_numbers", [0, 3, 5])
@pytest.mark.parametrize("levels", [(), (3, 200)])
def test_a_candidates_network_takes_the_row_and_gives_the_outputs(candidate, n_numbers, levels):
    net = candidate.network(5 + len(levels), n_numbers, levels, 3, CrossEntropy())
    assert net.layers[0].n_in == 5 + len(levels)
    assert net.layers[-1].n_out == 3
    for before, after in zip(net.layers, net.layers[1:], strict=False):
        assert before.n_out == after.n_in


def test_candidates_differ():
    assert len({c.describe() + str(c.hidden) for c in CANDIDATES}) == len(CANDIDATES)


def test_very_wide_rows_get_no_waves():
    n = MOST_PERIODIC + 1
    layers = Candidate().network(n, n, (), 1, SquaredError()).layers
    assert not any(isinstance(layer, Periodic) for layer in layers)


def test_a_level_costs_a_few_numbers_however_many_there_are():
    few, many = (
        CANDIDATES[0].network(3, 2, (n,), 1, SquaredError()).n_params for n in (1_000, 20_000)
    )
    assert many - few == 8 * 19_000


@pytest.mark.parametrize("candidate", [Candidate((32,)), CANDIDATES[1]], ids=["hidden", "linear"])
def test_the_means_of_many_levels_are_learned(candidate):
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(1, 301), 6)
    y = (rng.normal(size=301)[codes] + 0.1 * rng.normal(size=len(codes)))[:, None]
    x = np.stack([rng.normal(size=len(codes)), codes], axis=1).astype(np.float32)
    y, w, held = y.astype(np.float32), np.ones(len(x), np.float32), folds(len(x), None, None, 0)
    rows = EncodedRows(lambda quantiles: x, 1, (300,), y, w, SquaredError(), np.zeros(1), held, 0)
    trained = cross_validate(candidate, rows, best_engine(), 40)[0]
    assert trained.fitted.loss < 0.1 * float(y.var()) / 2


@pytest.mark.skipif(not libraries(), reason="the native engine was not compiled")
def test_random_candidates_run_natively():
    rng = np.random.default_rng(0)
    for _ in range(50):
        net = random_candidate(rng).network(7, 4, (3, 50), 2, CrossEntropy())
        assert NativeEngine().supports(net)
