from collections import Counter
from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jubako.core.counter_rng import CounterRng, row_order
from strategies import SEEDS

SIZES = st.integers(1, 3000)


def lowbias32(h):
    """The published hash, in Python's integers."""
    h = (h ^ h >> 16) * 0x7FEB352D % 2**32
    h = (h ^ h >> 15) * 0x846CA68B % 2**32
    return h ^ h >> 16


def hashes(seed, first, second, n):
    """The bits of n counters, as models that were stored have used them."""
    key = seed
    for number in (first, second):
        key = lowbias32((key + number * 0x9E3779B9) % 2**32)
    return [lowbias32(key ^ lowbias32(i * 0x9E3779B9 % 2**32)) for i in range(n)]


@given(SEEDS, st.integers(0, 2**40), st.integers(1, 50))
def test_rows_are_sorted_by_their_published_hash(seed, epoch, n):
    seed %= 2**32
    expected = np.argsort(hashes(seed, epoch, 0, n))
    np.testing.assert_array_equal(row_order(np.array(seed, np.uint32), epoch, n), expected)


@given(SEEDS, st.integers(0, 2**40), st.floats(0, 0.99), st.integers(1, 5), st.integers(1, 9))
def test_units_are_kept_whose_published_hash_is_at_least_the_rate(seed, step, rate, rows, units):
    seed %= 2**32
    rng = CounterRng(np.array(seed, np.uint32), step)
    for draw in (1, 2, 3):
        bits = np.reshape(hashes(seed, step, draw, rows * units), (rows, units))
        np.testing.assert_array_equal(rng.keep(rate, rows, units), bits >= int(rate * 2**32))


@given(SEEDS, st.integers(0, 2**40), SIZES)
def test_an_order_has_each_row_once(seed, epoch, n):
    order = row_order(np.array([seed % 2**32], np.uint32), epoch, n)
    np.testing.assert_array_equal(np.sort(order[0]), np.arange(n))


@given(SEEDS, st.integers(0, 1000), SIZES)
def test_the_order_of_a_network_does_not_depend_on_its_neighbours(seed, epoch, n):
    seeds = np.array([seed % 2**32, 5, 6], np.uint32)
    together = row_order(seeds, epoch, n)
    for k in range(3):
        np.testing.assert_array_equal(together[k], row_order(seeds[k], epoch, n))


def test_epochs_and_networks_have_orders_of_their_own():
    seeds = np.arange(20, dtype=np.uint32)
    orders = np.stack([row_order(seeds, epoch, 100) for epoch in range(20)])
    assert len(np.unique(orders.reshape(400, 100), axis=0)) == 400


def test_every_order_is_as_likely_as_the_others():
    n = 24_000
    by_seed = row_order(np.arange(n, dtype=np.uint32) * np.uint32(7919), 3, 4)
    by_epoch = [row_order(np.array(5, np.uint32), epoch, 4) for epoch in range(n)]
    for orders in by_seed, np.array(by_epoch):
        counts = Counter(map(tuple, orders.tolist()))
        assert counts.keys() == set(permutations(range(4)))
        # 1000 each on average, with a standard deviation of 31: six of them
        assert 814 < min(counts.values()) < max(counts.values()) < 1186


def test_a_row_is_anywhere_in_the_order_as_likely():
    places = np.argsort(row_order(np.arange(2000, dtype=np.uint32), 1, 50), -1)
    assert abs(places.mean(0) - 24.5).max() < 6 * 14.43 / np.sqrt(2000)
    # neighbours in the table are no neighbours in the order
    together = (abs(np.diff(places, axis=1)) == 1).mean()
    assert abs(together - 2 / 50) < 6 * np.sqrt(0.04 * 0.96 / 98_000)
