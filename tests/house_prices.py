"""A small table of houses, its price, and a label that follows from it."""

import numpy as np
import pandas as pd

N = 240


def make_frame(seed, n=N):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "size": rng.normal(5, 2, n),
            "rooms": rng.integers(1, 6, n),
            "color": rng.choice(["red", "<b>blue</b>", "green"], n),
            "sold": rng.uniform(size=n) > 0.5,
            "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 200, n), "D"),
            "same": 1,
        }
    )


def price_of(frame, seed=9):
    noise = np.random.default_rng(seed).normal(0, 15, len(frame))
    return pd.Series(30 * frame["size"] + 40 * frame["rooms"] + noise, name="price")


def label_of(frame):
    return pd.Series(np.where(price_of(frame) > 260, "high", "low"), name="level")
