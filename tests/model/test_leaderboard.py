import pytest

from jubako.model.candidate import Candidate
from jubako.model.leaderboard import SETTINGS, best_by_depth, depth_of, name_of, settings_of


@pytest.mark.parametrize(
    ("layers", "name", "depth"),
    [
        ("linear", "linear", 0),
        ("64", "64 relu", 1),
        ("64-64", "2 x 64 relu", 2),
        ("9-4", "9-4 relu", 2),
    ],
)
def test_a_candidate_has_a_name_and_a_depth(layers, name, depth):
    assert (name_of(layers, "relu"), depth_of(layers)) == (name, depth)


def test_every_setting_of_a_candidate_has_a_name_that_can_be_translated():
    candidate = Candidate(residual=True, weight_decay=0.01, lr_multiplier=2, label_smoothing=0.1)
    found = settings_of(candidate.describe())
    assert ", ".join(name + end for name, end in found) == candidate.describe()
    assert all(name in SETTINGS for name, _ in found)


def test_each_depth_has_its_lowest_loss():
    lines = [
        {"layers": layers, "oof_loss": loss}
        for layers, loss in (("8-8", 0.3), ("linear", 0.9), ("4-4", 0.2), ("4", 0.5))
    ]
    best = best_by_depth(lines)
    assert {depth: line["oof_loss"] for depth, line in best.items()} == {0: 0.9, 1: 0.5, 2: 0.2}
    assert list(best) == [0, 1, 2]
