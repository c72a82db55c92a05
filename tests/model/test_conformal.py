import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jubako.core.errors import ParameterError
from jubako.model.conformal import FINENESS, NEIGHBOURS, Conformal, Scores, part_sizes
from jubako.model.conformal_json import conformal_from_plain, conformal_to_plain

RNG = np.random.default_rng(0)


@given(st.integers(4, 100_000))
def test_no_stored_quantile_is_of_fewer_scores_than_four(n):
    sizes = part_sizes(n)
    assert sum(sizes) == n
    assert min(sizes) >= NEIGHBOURS
    above = np.cumsum(sizes[:-1]) - sizes[:-1]
    assert (sizes[:-1] <= np.maximum(NEIGHBOURS, above / FINENESS)).all()


@pytest.mark.parametrize("n", [50, 3_000, 100_000])
def test_a_quantile_is_that_of_the_scores(n):
    scores = RNG.exponential(size=n)
    fitted = Scores.fit(scores, np.ones(n))
    assert fitted.n_rows == n
    for coverage in (0.5, 0.8, 0.9):
        share = (scores <= fitted.quantile(coverage)).mean()
        assert abs(share - coverage) < 3 / n + 0.01 * (1 - coverage) + 1 / (n + 1)


def test_a_new_score_is_exceeded_with_the_stated_probability():
    inside = []
    for _ in range(3_000):
        scores = RNG.exponential(size=40)
        inside.append(scores[0] <= Scores.fit(scores[1:], np.ones(39)).quantile(0.8))
    assert abs(np.mean(inside) - 0.8) < 4 * np.sqrt(0.8 * 0.2 / 3_000)


@given(st.lists(st.integers(1, 4), min_size=20, max_size=60), st.randoms())
def test_a_weight_counts_like_as_many_rows_and_the_order_does_not_count(w, random):
    w = np.array(w)
    scores = np.sort(RNG.exponential(size=len(w)))
    order = list(range(len(w)))
    random.shuffle(order)
    weighted, shuffled = Scores.fit(scores, w), Scores.fit(scores[order], w[order])
    np.testing.assert_array_equal(weighted.levels, shuffled.levels)
    np.testing.assert_allclose(weighted.values, shuffled.values, rtol=1e-12)
    for level, value in zip(weighted.levels, weighted.values, strict=True):
        low, high = np.quantile(np.repeat(scores, w), [max(0, level - 0.2), min(1, level + 0.2)])
        assert low <= value <= high


def test_a_coverage_that_the_rows_do_not_support_is_refused_with_the_highest():
    scores = Scores.fit(np.arange(40.0), np.ones(40))
    assert scores.quantile(scores.highest_coverage) == scores.values[-1]
    with pytest.raises(ParameterError, match=r"with 40 held-out rows, the highest is 0\.92"):
        scores.quantile(0.99)
    for wrong in (0, 1, -0.5, 2, np.nan):
        with pytest.raises(ParameterError, match="between 0 and 1"):
            scores.quantile(wrong)


def test_a_set_grows_with_its_coverage_and_holds_the_likeliest_class():
    p = RNG.dirichlet([0.3] * 4, size=500)
    true = np.array([RNG.choice(4, p=row) for row in p])
    conformal = Conformal(Scores.fit(1 - p[np.arange(500), true], np.ones(500)))
    before = np.zeros_like(p, bool)
    for coverage in (0.5, 0.8, 0.9, 0.95):
        included = conformal.sets(p, coverage)
        assert included[np.arange(500), p.argmax(1)].all()
        assert (included >= before).all()
        assert included[np.arange(500), true].mean() >= coverage - 0.01
        before = included


GOOD = {"levels": [0.5, 0.9], "values": [0.1, 0.2], "n_rows": 9}


def restored(levels, values, n_rows):
    arrays = {"conformal.levels": np.array(levels), "conformal.values": np.array(values)}
    return conformal_from_plain({"n_rows": n_rows}, arrays)


def test_scores_of_a_file_are_those_that_were_written():
    conformal = restored(**GOOD)
    words, arrays = conformal_to_plain(conformal)
    assert words == {"n_rows": 9}
    again = conformal_from_plain(words, arrays)
    assert again.spread is None
    np.testing.assert_array_equal(again.scores.levels, GOOD["levels"])
    np.testing.assert_array_equal(again.scores.values, GOOD["values"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"levels": [0.5]},
        {"levels": [], "values": []},
        {"levels": [[0.5, 0.9]], "values": [[0.1, 0.2]]},
        {"levels": np.float32([0.5, 0.9])},
        {"values": np.float32([0.1, 0.2])},
        {"levels": [0.9, 0.5]},
        {"levels": [0.5, 0.5]},
        {"levels": [0.0, 0.5]},
        {"levels": [0.5, 1.0]},
        {"values": [0.2, 0.1]},
        {"values": [-0.1, 0.1]},
        {"values": [0.1, np.inf]},
        {"n_rows": 1},
        {"n_rows": -1},
        {"n_rows": "nine"},
    ],
)
def test_scores_of_a_file_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        restored(**{**GOOD, **wrong})
