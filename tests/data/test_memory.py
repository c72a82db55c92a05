"""The memory that is available, from the files in which Linux describes it."""

import pytest

from jubako.data import memory

resource = pytest.importorskip("resource", reason="Windows has none")
KIB, MIB = 2**10, 2**20


@pytest.fixture
def linux(tmp_path, monkeypatch):
    """Return a function that writes a file of a small Linux, which the module reads."""
    monkeypatch.setattr(memory, "Path", lambda name: tmp_path / name.lstrip("/"))
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "sys/fs/cgroup")

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write


def write_group(linux, folder, limit, usage, inactive=0, names=("memory.max", "memory.current")):
    for name, text in zip(names, (limit, usage), strict=True):
        linux(f"sys/fs/cgroup/{folder}/{name}", f"{text}\n")
    linux(f"sys/fs/cgroup/{folder}/memory.stat", f"anon 1\ninactive_file {inactive}\n")


def test_free_memory_is_what_linux_calls_available(linux):
    assert memory.free_memory() == float("inf")
    linux("proc/meminfo", "MemTotal: 900 kB\nMemFree: 5 kB\nMemAvailable: 300 kB\n")
    assert memory.free_memory() == 300 * KIB


def test_the_narrowest_group_of_version_2_limits(linux):
    linux("proc/self/cgroup", "0::/outer/inner\n")
    assert memory.left_in_groups() == float("inf")
    write_group(linux, "outer/inner", "max", 3 * MIB)
    assert memory.left_in_groups() == float("inf")
    write_group(linux, "outer", 10 * MIB, 4 * MIB, inactive=MIB)
    assert memory.left_in_groups() == 7 * MIB
    write_group(linux, "outer/inner", 5 * MIB, 3 * MIB)
    assert memory.left_in_groups() == 2 * MIB


def test_only_the_memory_controller_of_version_1_limits(linux):
    linux("proc/self/cgroup", "5:cpu:/here\n4:hugetlb,memory:/here\n")
    names = "memory.limit_in_bytes", "memory.usage_in_bytes"
    write_group(linux, "memory/here", 8 * MIB, 5 * MIB, names=names)
    write_group(linux, "cpu/here", 1, 1, names=names)
    assert memory.left_in_groups() == 3 * MIB


def test_the_address_space_limits(linux, monkeypatch):
    page = resource.getpagesize()
    for allowed, left in ((resource.RLIM_INFINITY, float("inf")), (50 * page, 50.0 * page)):
        monkeypatch.setattr(resource, "getrlimit", lambda kind, n=allowed: (n, n))
        assert memory.left_of_limit() == left
    linux("proc/self/statm", "20 10 5\n")
    assert memory.left_of_limit() == 30 * page


def test_available_is_the_least_of_them_and_not_negative(linux, monkeypatch):
    linux("proc/meminfo", "MemAvailable: 3072 kB\n")
    monkeypatch.setattr(memory, "left_of_limit", lambda: 4.0 * MIB)
    assert memory.available_memory() == 3 * MIB
    linux("proc/self/cgroup", "0::/\n")
    write_group(linux, ".", MIB, 2 * MIB)
    assert memory.available_memory() == 0
