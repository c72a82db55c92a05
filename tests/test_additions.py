"""Adding one entry to a table is enough: what is trained with it works everywhere.

Each case runs in a process of its own and adds its entry before the rest of Jubako is imported,
as an edit of that one file would.
"""

import subprocess
import sys

import pytest

ACTIVATION = """
import numpy as np
from jubako.core.activations import ACTIVATIONS, Activation
ACTIVATIONS["snake"] = Activation(lambda a: a + np.sin(a) ** 2, lambda a, v: 1 + np.sin(2 * a))
given = {"activation": "snake"}
"""
INITIALIZER = """
import numpy as np
from jubako.core.initializers import INITIALIZERS
INITIALIZERS["tiny"] = lambda rng, n_in, n_out, activation: (
    rng.normal(0, 0.01, (n_in, n_out)), np.zeros((1, n_out))
)
given = {"init": "tiny"}
"""
LOSS = """
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from jubako.core.losses import LOSSES

@dataclass(frozen=True)
class Quartic:
    target: ClassVar = "real"

    def value(self, b, y):
        return ((b - y) ** 4).sum(-1) / 4

    def delta(self, b, y):
        return (b - y) ** 3

    def mean(self, b):
        return b

LOSSES["quartic"] = Quartic
given = {"loss": "quartic"}
"""
OPTIMIZER = """
from dataclasses import dataclass
import numpy as np
from jubako.training.optimizers import OPTIMIZERS

@dataclass(frozen=True)
class SignSGD:
    beta_1: float = 0.9

    def init(self, theta):
        return {"m": np.zeros_like(theta)}

    def step(self, theta, grad, state, lr):
        state["m"] += (1 - self.beta_1) * (grad - state["m"])
        theta -= lr * np.sign(state["m"])

OPTIMIZERS["sign_sgd"] = SignSGD
given = {"solver": "sign_sgd"}
"""
SCHEDULE = """
import numpy as np
from jubako.training.schedules import SCHEDULES
SCHEDULES["linear"] = lambda t: 1 - t
given = {"schedule": "linear"}
"""

EVERYWHERE = """
import sys
import warnings
from pathlib import Path
import numpy as np
import jubako
from jubako import MLPRegressor
from jubako.explain.gradcheck import check_gradient
from jubako.lab.configuration import Box, Setup
from jubako.lab.session import Session

warnings.filterwarnings("ignore", "The loss was still falling")
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = X[:, 0] - X[:, 1]
settings = {"hidden_layer_sizes": (5,), "max_iter": 60, "learning_rate_init": 0.02, **given}

# it trains
model = MLPRegressor(**settings, random_state=0).fit(X, y)
losses = model.history_["train_loss"]
assert losses[-1] < 0.8 * losses[0]
several = MLPRegressor(**settings, random_state=0, n_networks=2, early_stopping=True).fit(X, y)
assert np.isfinite(several.predict(X)).all()

# its gradient is right, its step can be looked at, and it is saved
parts = check_gradient(model.network_, model.theta_[0], X, y[:, None], rng)
assert all(part.agrees for part in parts)
assert len(jubako.trace(model, X[:2], y[:2])._repr_html_()) > 1000
path = Path(sys.argv[1]) / "a.jubako"
model.save(path)
np.testing.assert_array_equal(jubako.load(path).predict(X), model.predict(X))

# the lab trains with it
choices = {name: given[name] for name in given if name in ("init", "loss", "solver")}
boxes = (Box(4, given.get("activation", "tanh")),)
session = Session(Setup(data="diabetes", boxes=boxes, rate=0.01, **choices))
before = session.points[-1].loss
session.step_epoch()
assert session.points[-1].loss < before
"""

LAYER = """
from dataclasses import dataclass
import numpy as np
from jubako.core.layers import LAYERS
from jubako.core.page import Page

@dataclass(frozen=True)
class Shift:  # v = u + c
    n: int
    n_in = n_out = property(lambda self: self.n)

    def shapes(self):
        return {"c": (1, self.n)}

    def init(self, p, rule, rng):
        p["c"][...] = 0

    def lr_multipliers(self):
        return {}

    def forward(self, p, u, rng):
        v = u + p["c"]
        return v, Page(u, v, v)

    def backward(self, p, page, dv, g, need_du):
        page.delta = dv
        dv.sum(axis=-2, keepdims=True, out=g["c"])
        return dv

LAYERS["shift"] = Shift

import numpy as np
from jubako.core.layers import Dense
from jubako.core.losses import SquaredError
from jubako.core.network import Network
from jubako.explain.gradcheck import check_gradient
from jubako.explain.tracer import PLAIN, trace
from jubako.model.schema_json import network_from_plain, network_to_plain
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.native.engine import best_engine
from jubako.training.loop import train
from jubako.training.optimizers import Adam, Update
from jubako.training.state import TrainState

rng = np.random.default_rng(0)
net = Network((Dense(3, 4, "tanh"), Shift(4), Dense(4, 1)), SquaredError())
assert network_from_plain(network_to_plain(net)) == net
x = rng.normal(size=(40, 3))
y, theta = x[:, :1] - x[:, 1:2], rng.normal(0, 0.5, (1, net.n_params))
assert all(part.agrees for part in check_gradient(net, theta[0], x, y, rng))
assert len(trace(net, theta[0], x[:2], y[:2], update=PLAIN, lr=0.1).layers) == 3
optimizer = Adam()
state = TrainState.start(theta, optimizer.init(theta), [0], 0.01)
config = TrainConfig(update=Update(optimizer), batch_size=8, epochs=20)
records = train(Problem(net, x, y, np.ones(40)), state, config, best_engine()).records
assert records[-1].train_loss < 0.8 * records[0].train_loss
"""
CANDIDATE = """
import sys
from pathlib import Path
import jubako.search.candidates as candidates
new = candidates.Candidate((7, 7), "tanh", residual=True)
candidates.CANDIDATES = (candidates.CANDIDATES[0], new)

import numpy as np
import jubako

X = np.random.default_rng(0).normal(size=(60, 3))
model = jubako.TabularRegressor("fast", n_folds=2, random_state=0).fit(X, X[:, 0])
assert "7-7" in list(model.leaderboard_["layers"])
path = Path(sys.argv[1]) / "a.jubako"
model.save(path)
np.testing.assert_array_equal(jubako.load(path).predict(X), model.predict(X))
"""
FORMAT = """
import sys
from pathlib import Path
from jubako.export.formats import FORMATS
FORMATS[".txt"] = lambda model, target, language: {".txt": repr(model.task).encode()}

import warnings
import numpy as np
from jubako import MLPRegressor

warnings.filterwarnings("ignore", "The loss was still falling")
X = np.random.default_rng(0).normal(size=(60, 3))
path = Path(sys.argv[1]) / "a.txt"
MLPRegressor(max_iter=2).fit(X, X[:, 0]).export(path)
assert path.read_text() == "'regress'"
"""
ENGINE = """
from dataclasses import dataclass
import numpy as np
from jubako.core.layers import Dense
from jubako.core.losses import SquaredError
from jubako.core.network import Network
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.numpy_engine import NumpyEngine
from jubako.training.loop import train
from jubako.training.optimizers import Adam, Update
from jubako.training.state import TrainState

@dataclass
class Counting(NumpyEngine):
    calls: int = 0

    def run_epochs(self, *args, **settings):
        self.calls += 1
        return super().run_epochs(*args, **settings)

rng = np.random.default_rng(0)
net = Network((Dense(3, 4, "tanh"), Dense(4, 1)), SquaredError())
x, theta = rng.normal(size=(40, 3)), rng.normal(0, 0.5, (1, net.n_params))
problem = Problem(net, x, x[:, :1], np.ones(40))
config = TrainConfig(update=Update(Adam()), batch_size=8, epochs=20)
thetas = []
for engine in (Counting(), NumpyEngine()):
    state = TrainState.start(theta.copy(), Adam().init(theta), [0], 0.01)
    thetas.append(train(problem, state, config, engine).theta)
    if isinstance(engine, Counting):
        assert engine.calls
np.testing.assert_array_equal(*thetas)
"""


@pytest.mark.parametrize(
    "entry",
    [
        *(entry + EVERYWHERE for entry in (ACTIVATION, INITIALIZER, LOSS, OPTIMIZER, SCHEDULE)),
        LAYER,
        CANDIDATE,
        FORMAT,
        ENGINE,
    ],
    ids=[
        *("activation", "initializer", "loss", "optimizer", "schedule", "layer", "candidate"),
        *("export format", "engine"),
    ],
)
def test_one_entry_in_one_file_is_enough(entry, tmp_path):
    command = [sys.executable, "-W", "error", "-c", entry, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
