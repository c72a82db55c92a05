import numpy as np
import pyarrow as pa
import pytest

from jubako.evaluation.importance import contributions, importances

RNG = np.random.default_rng(0)
N = 500
X = RNG.normal(size=(N, 3))
TABLE = pa.table({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]})
NAMES = ["a", "b", "c"]
ALONE = [[name] for name in NAMES]


def numbers(table):
    return np.stack([table[name].to_numpy() for name in NAMES], 1)


def linear(table):
    return numbers(table) @ np.array([[3.0], [-1.0], [0.0]])


def interacting(table):
    x = numbers(table)
    return (x[:, :1] * x[:, 1:2]) + x[:, 2:]


def score(table):
    return -float(((linear(table) - linear(TABLE)) ** 2).mean())


def test_shuffling_costs_twice_the_variance_that_a_column_explains():
    found = importances(score, TABLE, NAMES, np.random.default_rng(1), repeats=20)
    assert [one.name for one in found] == NAMES
    # the mean square of a difference of two independent draws, of coefficients 3, -1 and 0
    np.testing.assert_allclose([one.mean for one in found], [18, 2, 0], rtol=0.15)
    assert found[0].error < 1
    assert found[2].error == 0


def test_without_time_one_column_is_shuffled():
    (found,) = importances(score, TABLE, NAMES, np.random.default_rng(1), seconds=0)
    assert (found.name, found.repeats) == (NAMES[0], 1)
    assert np.isnan(found.error)


def test_progress_ends_at_one():
    shares = []
    importances(score, TABLE, NAMES, np.random.default_rng(1), repeats=2, report=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("predict", [linear, interacting])
def test_contributions_sum_to_the_prediction(predict):
    rng = np.random.default_rng(2)
    shares, start = contributions(predict, TABLE, 7, ALONE, rng)
    np.testing.assert_allclose(start + shares.sum(0), predict(TABLE.slice(7, 1))[0])


def test_a_linear_column_contributes_its_distance_from_the_mean():
    shares, _ = contributions(linear, TABLE, 7, ALONE, np.random.default_rng(2), samples=4000)
    # the standard error of a mean of 4000 draws is 3 / sqrt(4000) = 0.05
    expected = (X[7] - X.mean(0)) * [3, -1, 0]
    np.testing.assert_allclose(shares[:, 0], expected, atol=0.2)


def test_two_columns_that_act_together_share_alike():
    x = np.zeros((N, 3))
    x[0] = 1
    table = pa.table(dict(zip(NAMES, x.T, strict=True)))
    rng = np.random.default_rng(0)
    rows = pa.concat_tables([table.slice(0, 1), *[table.slice(1, 1)] * (N - 1)])
    shares, _ = contributions(lambda t: interacting(t), rows, 0, ALONE, rng, samples=4000)
    # the exact Shapley values of x y + z from 0 to 1 are 1/2, 1/2 and 1; the first row is its own
    # background once in 500 draws
    np.testing.assert_allclose(shares[:, 0], [0.5, 0.5, 1], atol=0.04)


def test_columns_that_are_changed_together_have_one_contribution():
    rng = np.random.default_rng(0)
    shares, start = contributions(linear, TABLE, 7, [["a", "b"], ["c"]], rng)
    assert shares.shape == (2, 1)
    np.testing.assert_allclose(shares[1], 0, atol=1e-12)  # the model does not depend on it
    np.testing.assert_allclose(start + shares.sum(0), linear(TABLE.slice(7, 1))[0])
