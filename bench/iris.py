"""Test score of the network behind `make demo`: mean over 20 random splits.

python bench/iris.py [TABLE]
"""

import sys

import numpy as np
from sklearn.model_selection import train_test_split

from jubako import TabularClassifier, TabularRegressor
from jubako.data.dataset import with_target
from jubako.data.readers.read import read_table
from jubako.data.target_column import find_target, find_task

name = sys.argv[1] if len(sys.argv) > 1 else "iris"
table = read_table(name).table
target = find_target(table, name, None)
task = find_task(table[target], target, "auto")
rows, _ = with_target(table, target, task)
scores = []
for seed in range(20):
    train, test = train_test_split(np.arange(len(rows.target)), test_size=0.25, random_state=seed)
    model = (TabularClassifier if task == "classify" else TabularRegressor)(random_state=seed)
    model.fit(rows.table.take(train), rows.target[train])
    scores.append(model.score(rows.table.take(test), rows.target[test]))
print(
    f"{name}: mean test score {np.mean(scores):.3f} over {len(scores)} random splits "
    f"(worst {min(scores):.3f}, best {max(scores):.3f})"
)
