from collections import Counter
from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jubako.core.counter_rng import row_order
from strategies import SEEDS

SIZES = st.integers(1, 3000)


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
