"""Tables in the forms that boosted trees take: dates as parts, texts as categories."""

import numpy as np
from sklearn.model_selection import train_test_split

from accuracy import spread_dates


def held_out(x, y, regress, seed):
    """Hold out a tenth of the rows, by class."""
    return train_test_split(x, y, test_size=0.1, random_state=seed, stratify=None if regress else y)


def text_columns(x):
    """Return the names of the columns that are neither numbers nor boolean, dates apart."""
    return [c for c in x if not np.issubdtype(x[c].dtype, np.number) and x[c].dtype != bool]


def with_categories(x, like=None):
    """Return a table whose texts are categories, with the levels of `like` if it is given.

    Missing texts stay missing.
    """
    x = spread_dates(x).copy()
    for name in text_columns(x):
        x[name] = x[name].astype("object").where(x[name].notna(), None)
        x[name] = x[name].astype("category" if like is None else like[name].dtype)
    return x


def with_texts(x):
    """Return a table without missing texts, as CatBoost takes it, and the names of its texts."""
    x = spread_dates(x).copy()
    names = text_columns(x)
    for name in names:
        x[name] = x[name].astype("object").where(x[name].notna(), "").map(str)
    return x, names
