"""How many threads the native engine may use."""

import os
from functools import cache
from pathlib import Path

LIMITS = "JUBAKO_NUM_THREADS", "OMP_NUM_THREADS"  # joblib sets the second one in its workers


def thread_count() -> int:
    """Return the number in the environment if there is one, else the processors that we may use.

    `JUBAKO_NUM_THREADS` decides, else `OMP_NUM_THREADS`. The processors are those that the
    operating system lets this process run on, and no more than the time that its control group
    (a container's limit) has.
    """
    for name in LIMITS:
        text = os.environ.get(name, "").split(",")[0].strip()
        if text.isdecimal() and int(text) > 0:
            return int(text)
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    return max(1, min(allowed, own_limit() or allowed))


@cache
def own_limit() -> int:
    """Return `group_limit` of this process, which is read only once: that takes microseconds."""
    return group_limit()


def group_limit(root: Path = Path("/sys/fs/cgroup")) -> int:
    """Return how many processors the control group has time for, rounded up; 0 if any number."""
    try:
        quota, period = (root / "cpu.max").read_text().split()
        return 0 if quota == "max" else -(-int(quota) // int(period))
    except (OSError, ValueError):
        pass
    try:
        quota, period = (
            int((root / "cpu" / f"cpu.cfs_{name}_us").read_text()) for name in ("quota", "period")
        )
        return -(-quota // period) if quota > 0 else 0
    except (OSError, ValueError):
        return 0
