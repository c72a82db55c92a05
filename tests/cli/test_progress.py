from types import SimpleNamespace

import pytest

from jubako.cli.progress import TimeLeft


@pytest.mark.parametrize(
    ("limit", "estimate", "elapsed", "shown"),
    [
        (None, None, 1.0, "-:--:--"),
        (None, 61.2, 1.0, "0:01:02"),
        (10.0, None, 4.0, "0:00:06"),
        (10.0, 47.0, 4.0, "0:00:06"),
        (10.0, 2.0, 4.0, "0:00:02"),
        (10.0, 2.0, 11.0, "0:00:00"),
    ],
)
def test_the_time_left_is_estimated_and_not_more_than_the_limit_leaves(
    limit, estimate, elapsed, shown
):
    task = SimpleNamespace(time_remaining=estimate, elapsed=elapsed)
    assert TimeLeft(limit).render(task).plain == shown
