"""Accuracy on iris of the network behind `make demo`: mean over 20 random splits.

python bench/iris.py [TABLE]
"""

import sys

import numpy as np
from sklearn.model_selection import train_test_split

from jubako.cli.train import TEST_SHARE, default_network, find_target, labels
from jubako.table.columns import encode, fit_columns
from jubako.table.read import read_table

name = sys.argv[1] if len(sys.argv) > 1 else "iris"
table = read_table(name)
target = find_target(table, name, None)
x_table, y = table.drop_columns([target]), labels(table[target])
scores = []
for seed in range(20):
    train, test = train_test_split(np.arange(len(y)), test_size=TEST_SHARE, random_state=seed)
    columns = fit_columns(x_table.take(train))
    x = encode(columns, x_table)
    model = default_network(y[train], "64,64", "relu", epochs=200, seed=seed)
    scores.append(model.fit(x[train], y[train]).score(x[test], y[test]))
print(
    f"{name}: mean test score {np.mean(scores):.3f} over {len(scores)} random splits "
    f"(worst {min(scores):.3f}, best {max(scores):.3f})"
)
