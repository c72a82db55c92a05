"""The number of threads of the native engine."""

import os
from functools import cache
from pathlib import Path

LIMITS = "JUBAKO_NUM_THREADS", "OMP_NUM_THREADS"  # joblib sets the second one in its workers


def thread_count() -> int:
    """Return the number of threads: the one in the environment, else of available processors.

    `JUBAKO_NUM_THREADS` takes precedence over `OMP_NUM_THREADS`. Available processors are those
    that the operating system lets this process use, limited by the CPU time of its control group
    (as in a container).

    Returns
    -------
    int >= 1
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
    """Return the number of processors that the control group has time for.

    Parameters
    ----------
    root : Path
        Where control groups are mounted.

    Returns
    -------
    int
        Rounded up; 0 for no limit.
    """
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
