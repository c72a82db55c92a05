"""Discrete values: the second candidate embeds them, and others do if that was better."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from jubako import TabularRegressor
from jubako.core.losses import SquaredError
from jubako.model.candidate import Candidate
from jubako.search.search_run import like_better
from jubako.training.engines.native.engine import best_engine
from jubako.training.engines.numpy_engine import NumpyEngine

N = 900
RNG = np.random.default_rng(0)
PRICES = RNG.normal(size=30)
CODE = RNG.integers(30, size=N)
TABLE = pd.DataFrame({"code": CODE, "size": RNG.normal(size=N)})
NOISE = 0.1 * RNG.normal(size=N)


def fitted(y, **settings):
    return TabularRegressor("fast", n_folds=2, random_state=0, **settings).fit(TABLE, y)


def test_a_value_for_each_number_is_learned():
    y = PRICES[CODE] + TABLE["size"] + NOISE
    model = fitted(y)
    configurations = list(model.leaderboard_["configuration"])
    assert ["discrete values" in words for words in configurations].count(True) == 1
    assert "discrete values" in configurations[0]
    assert sum(f.weight for f in model.ensemble_ if f.candidate.discrete) > 0.5
    assert model.score(TABLE, y) > 0.95


@pytest.mark.parametrize("n_jobs", [2, 3])  # with more workers than cores, folds are tasks
def test_any_number_of_workers_gives_the_same_bits(n_jobs):
    y = PRICES[CODE] + NOISE
    one, several = fitted(y), fitted(y, n_jobs=n_jobs)
    np.testing.assert_array_equal(one.predict(TABLE), several.predict(TABLE))


def result(candidate, loss):
    return [SimpleNamespace(candidate=candidate, fitted=SimpleNamespace(loss=loss))]


@pytest.mark.parametrize(("loss", "is_better"), [(0.9, True), (1.1, False), (None, False)])
def test_every_second_candidate_follows_if_the_second_is_better(loss, is_better):
    first, second, linear = Candidate(), Candidate(discrete=True), Candidate(())
    tried = [result(first, 1.0), *([result(second, loss)] if loss else [])]
    search = SimpleNamespace(rows=SimpleNamespace(n_discrete=2), tried=tried)
    others = [linear, *(Candidate((n,)) for n in (8, 16, 32, 64)), linear]
    found = list(like_better(search, iter([second, *others])))
    assert found[0] is second
    expected = [False, False, is_better, False, is_better, False]
    assert [candidate.discrete for candidate in found[1:]] == expected
    assert [candidate.hidden for candidate in found[1:]] == [c.hidden for c in others]


@pytest.mark.parametrize("engine", [NumpyEngine(), best_engine()], ids=["numpy", "best"])
def test_a_network_that_uses_no_discrete_values_is_the_same_without_them(engine):
    candidate, levels, loss = Candidate((4,)), (3, 5), SquaredError()
    x = RNG.integers(1, 4, size=(20, 4)).astype(np.float32)
    without = candidate.network(3, 2, levels[:1], 1, loss)
    unused = candidate.network(4, 2, levels, 1, loss, n_discrete=1)
    used = Candidate((4,), discrete=True).network(4, 2, levels, 1, loss, n_discrete=1)
    assert without.n_params == unused.n_params < used.n_params
    theta = without.init("he", np.random.default_rng(1))[None].astype(np.float32)
    again = unused.init("he", np.random.default_rng(1))[None].astype(np.float32)
    np.testing.assert_array_equal(again, theta)
    np.testing.assert_array_equal(
        engine.predict(unused, theta, x), engine.predict(without, theta, x[:, :3])
    )
