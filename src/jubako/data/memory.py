"""The memory that is available to this process."""

from contextlib import suppress
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")


def available_memory() -> float:
    """Return the number of bytes that this process can still allocate, infinite if unknown.

    It is the minimum of the free memory, the limit of the control group, and the limit of `ulimit
    -v`.
    """
    return max(0.0, min(free_memory(), left_in_groups(), left_of_limit()))


def free_memory() -> float:
    """Return the free memory of this machine.

    Returns
    -------
    float
        Bytes; infinite if unknown.
    """
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024.0 * int(line.split()[1])
    return float("inf")


def left_in_groups() -> float:
    """Return the memory that the control groups of this process leave, of version 1 or 2.

    Returns
    -------
    float
        Bytes; infinite without a limit.
    """
    left = float("inf")
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, name = line.split(":", 2)
            if not controllers:  # version 2
                root, limit, usage = GROUPS, "memory.max", "memory.current"
            elif "memory" in controllers.split(","):
                root, limit = GROUPS / "memory", "memory.limit_in_bytes"
                usage = "memory.usage_in_bytes"
            else:
                continue
            group = root / name.strip("/")
            while True:
                left = min(left, left_in_group(group, limit, usage))
                if group == root:
                    break
                group = group.parent
    return left


def left_in_group(group: Path, limit: str, usage: str) -> float:
    """Return the memory that a control group leaves.

    Parameters
    ----------
    group : Path
        Folder of the group.
    limit, usage : str
        Names of the files with the limit and the usage.

    Returns
    -------
    float
        Bytes; infinite without a limit.
    """
    with suppress(OSError, ValueError):
        allowed = (group / limit).read_text().strip()
        if allowed != "max":
            stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
            used = int((group / usage).read_text()) - int(stat.get("inactive_file", 0))
            return int(allowed) - used
    return float("inf")


def left_of_limit() -> float:
    """Return the address space that `ulimit -v` leaves.

    Returns
    -------
    float
        Bytes; infinite without a limit.
    """
    try:
        import resource
    except ImportError:  # on Windows
        return float("inf")
    allowed = resource.getrlimit(resource.RLIMIT_AS)[0]
    if allowed == resource.RLIM_INFINITY:
        return float("inf")
    with suppress(OSError, ValueError, IndexError):
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        return allowed - used
    return float(allowed)
