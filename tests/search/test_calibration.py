import numpy as np
from scipy.special import softmax

from jubako.search.calibration import fit_temperature, soften

RNG = np.random.default_rng(0)


def test_the_temperature_undoes_caution():
    logits = RNG.normal(size=(20_000, 3))
    true = softmax(logits, axis=1)
    codes = (RNG.random((len(true), 1)) > true.cumsum(1)).sum(1)
    rows = np.arange(len(true))
    found = fit_temperature(
        softmax(logits / 2, axis=1), lambda p: float(-np.log(p[rows, codes]).mean())
    )
    assert abs(found - 0.5) < 0.03  # three standard errors


def test_few_rows_do_not_make_it_certain():
    p, codes = np.full((12, 2), [0.9, 0.1]), np.zeros(12, int)
    assert fit_temperature(p, lambda p: float(-np.log(p[np.arange(12), codes]).mean())) > 0.9


def test_softening_by_one_changes_nothing():
    p = softmax(RNG.normal(size=(50, 4)), axis=1)
    np.testing.assert_allclose(soften(p, 1.0), p, rtol=1e-12)
