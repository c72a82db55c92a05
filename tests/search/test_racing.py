"""Racing: when the training of a candidate is stopped early."""

from dataclasses import replace

import numpy as np
import pytest

from jubako.core.losses import CrossEntropy, SquaredError
from jubako.search.candidates import CANDIDATES
from jubako.search.crossval import cross_validate, race_after
from jubako.search.encoded import EncodedRows
from jubako.search.folds import folds
from jubako.search.held_out import LossCurve, cycle_ends
from jubako.search.racing import GAINS, NO_RACE, Race, Rival, ensemble_loss
from jubako.training.engines.native.engine import best_engine
from jubako.training.history import Record

EPOCHS = 30
RNG = np.random.default_rng(0)


def small_rows(n=200):
    x = RNG.normal(size=(n, 3)).astype(np.float32)
    y = x[:, :1] * x[:, 1:2]
    w = RNG.uniform(0.5, 2, n).astype(np.float32)
    held = folds(n, None, None, 0)
    return EncodedRows(lambda quantiles: x, 3, (), y, w, SquaredError(), np.zeros(1), held, 0)


def curve_to(epoch):
    """Return a curve whose loss falls."""
    curve = LossCurve(EPOCHS)
    for number in range(1, epoch + 1):
        curve.note(Record(number, 1.0, 1 / number, None, None, (), 0.0))
    return curve


def test_the_loss_of_an_ensemble_is_that_of_its_best_mean():
    rows = small_rows()
    noise = RNG.normal(size=rows.y.shape)
    above, below, useless = rows.y + noise, rows.y - noise, 100 + noise
    squared = np.average(noise[:, 0] ** 2, weights=rows.w)
    assert ensemble_loss([above], rows) == pytest.approx(squared)
    assert ensemble_loss([above, useless], rows) == pytest.approx(squared)
    assert ensemble_loss([above, useless, below], rows) < 1e-9 * squared


def test_the_loss_of_an_ensemble_of_classifiers_is_the_log_loss():
    rows = small_rows()
    codes = (rows.y > 0).astype(np.float32)
    rows = replace(rows, y=codes, loss=CrossEntropy(), start=np.zeros(2))
    p = RNG.uniform(0.05, 0.95, len(codes))
    true = np.where(codes[:, 0] == 1, p, 1 - p)
    expected = np.average(-np.log(true), weights=rows.w)
    assert ensemble_loss([np.column_stack([1 - p, p])], rows) == pytest.approx(expected)


def race_with(prediction, rows):
    rival = Rival.of([prediction], rows)
    return Race(rivals=([rival], [rival]))


@pytest.mark.parametrize("place", [0, 1])
def test_a_candidate_that_improves_the_ensemble_too_little_is_stopped_at_a_cycle_end(place):
    rows, end = small_rows(), cycle_ends(EPOCHS)[1 + place]
    noise = RNG.normal(size=rows.y.shape)
    race = race_with(rows.y + noise, rows)
    for share, expected in ((0.99, True), (1.01, False)):
        own = [rows.y + np.sqrt(1 - share * GAINS[place]) * noise]  # its loss is lower by a share
        assert race.is_lost(CANDIDATES[0], curve_to(end), rows, lambda own=own: own) == expected
    useless = [rows.y + 2 * noise]
    for epoch in range(1, EPOCHS + 1):
        is_end = epoch in cycle_ends(EPOCHS)[1:3]
        assert race.is_lost(CANDIDATES[0], curve_to(epoch), rows, lambda: useless) == is_end
    assert not NO_RACE.is_lost(CANDIDATES[0], curve_to(end), rows, lambda: useless)
    linear = CANDIDATES[1]
    assert not race.is_lost(linear, curve_to(end), rows, lambda: useless)


def test_a_candidate_that_improves_an_ensemble_with_one_of_the_rivals_is_not_stopped():
    rows, end = small_rows(), cycle_ends(EPOCHS)[1]
    noise = RNG.normal(size=rows.y.shape)
    good, bad, own = rows.y + 0.1 * noise, rows.y + 2 * noise, [rows.y + noise]
    for rivals, expected in (
        ([[good]], True),
        ([[bad]], False),
        ([[good], [bad]], False),
        ([[good, bad]], True),
    ):
        race = Race(rivals=([Rival.of(rival, rows) for rival in rivals], []))
        assert race.is_lost(CANDIDATES[0], curve_to(end), rows, lambda: own) == expected


def test_a_prediction_that_is_not_finite_stops_nothing_and_improves_nothing():
    rows, end = small_rows(), cycle_ends(EPOCHS)[1]
    good, broken = rows.y + 1.0, np.full(rows.y.shape, np.nan)
    assert race_with(good, rows).is_lost(CANDIDATES[0], curve_to(end), rows, lambda: [broken])
    assert not race_with(broken, rows).is_lost(CANDIDATES[0], curve_to(end), rows, lambda: [broken])


def test_a_copy_of_the_first_candidate_is_stopped_at_the_third_cycle_end():
    # at the second it may be no worse than the first was there
    rows = small_rows()
    first = cross_validate(CANDIDATES[0], rows, best_engine(), EPOCHS)
    race = race_after(first, rows)
    second_end, third_end = cycle_ends(EPOCHS)[1:3]
    assert [len(rivals) for rivals in race.rivals] == [2, 1]
    np.testing.assert_array_equal(race.rivals[0][1].predictions[0], first[1].oof_prediction)
    for rivals in race.rivals:
        assert len(rivals[0].predictions) == len(first)
        for rival in rivals:
            assert rival.loss == ensemble_loss(rival.predictions, rows)
    assert first[1].fitted.best_epoch == second_end
    again = cross_validate(CANDIDATES[0], rows, best_engine(), EPOCHS, race)
    assert again[0].fitted.epochs in (second_end, third_end)
    assert again[0].reason == "callback"
