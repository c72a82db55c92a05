"""How fast the native engine is: beside scikit-learn, PyTorch, JAX and onnxruntime.

    make bench-speed
    .venv-bench/bin/python bench/speed.py [steps together fits predictions growth]

Adam, float32, relu, softmax, two threads for everybody, the peers' fastest setting. All take turns
in one process; the best round counts, since a busy machine only ever makes things slower.
"""

import subprocess
import sys
import time
import warnings
from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import joblib
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from sklearn import neural_network
from sklearn.datasets import load_digits, load_iris

import jubako
import numpy_engine
from jubako.training.config import TrainConfig
from jubako.training.engines.base import Problem
from jubako.training.engines.native.engine import NativeEngine
from jubako.training.loop import train
from jubako.training.optimizers import Adam, Update
from jubako.training.state import TrainState
from numpy_engine import WORKLOADS, Workload, machine, ours, prepare, scikit_learn

ROUNDS = 7
DEEP = Workload((32, 256, 256, 256, 2), 2560, 256, 2)
SIZES = "32-256-256-256-2"


def main(names):
    if unknown := set(names) - set(SECTIONS):
        sys.exit(f"No section {', '.join(sorted(unknown))}: choose from {', '.join(SECTIONS)}.")
    numpy_engine.NumpyEngine = NativeEngine
    print(machine().rsplit("\n", 1)[0])
    print(
        f"PyTorch {torch.__version__}, JAX {jax.__version__}, "
        f"onnxruntime {onnxruntime.__version__}. Best of {ROUNDS} rounds or fewer."
    )
    for name in names or SECTIONS:
        print()
        SECTIONS[name]()


def best(jobs, rounds=ROUNDS):
    """Return the least seconds that each job took, or said that it took. They take turns."""
    least = {}
    for _ in range(rounds):
        for name, job in jobs.items():
            start = time.perf_counter()
            told = job()
            seconds = told if isinstance(told, float) else time.perf_counter() - start
            least[name] = min(seconds, least.get(name, np.inf))
    return least


def show(first, least, unit):
    """Print the times of one line: ours, and the others with their ratio to it."""
    mine, *others = least.items()
    cells = [f"{first:34}{mine[1] * unit:10.1f}"]
    cells += [f"{t * unit:12.1f}{t / mine[1]:7.1f}" for _, t in others]
    print("".join(cells), flush=True)


def heading(first, names):
    print(f"{first:34}{names[0]:>10}" + "".join(f"{name:>12}{'ratio':>7}" for name in names[1:]))


# Training steps


def steps():
    print("Microseconds per training step.")
    heading("network, batch", ["ours", "sklearn", "torch", "jax"])
    rates = {}
    for work in WORKLOADS.values():
        x, y, net, theta = prepare(work)
        least = best(
            {
                "ours": lambda: ours(work, x, y, net, theta)[0],  # noqa: B023
                "sklearn": lambda: scikit_learn(work, x, y),  # noqa: B023
                "torch": lambda: min(pytorch(work, x, y, n) for n in (1, 2)),  # noqa: B023
                "jax": jitted(work, x, y),
                "sgemm": sgemm,
            }
        )
        n_steps = work.epochs * -(-work.n_rows // work.batch_size)
        products = [n * m for n, m in pairwise(work.sizes)]
        name = f"{'-'.join(map(str, work.sizes))}, {work.batch_size}"
        rate = (
            2 * work.n_rows * work.epochs * (3 * sum(products) - products[0]) / least["ours"] / 1e9
        )
        rates[name] = rate, 2 * 2048**3 / least.pop("sgemm") / 1e9
        show(name, {key: t / n_steps for key, t in least.items()}, 1e6)
    print(
        "GFLOP/s, and their share of what NumPy's sgemm reached on 2048 x 2048 in the same rounds:"
    )
    for name, (rate, peak) in rates.items():
        print(f"{name:34}{rate:10.0f}{rate / peak:12.0%}  of {peak:.0f}")


def sgemm():
    a = np.ones((2048, 2048), np.float32)
    return min(timed(lambda: a @ a) for _ in range(3))


def timed(job):
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def pytorch(work, x, y, n_threads):
    """Train a stack of Linear and ReLU, eagerly, with the fused Adam; it needs fewer epochs."""
    torch.set_num_threads(n_threads)
    layers = []
    for n_in, n_out in pairwise(work.sizes):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    epochs = max(1, work.epochs // 4)
    start = time.perf_counter()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(work.batch_size):
            adam.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            adam.step()
    return (time.perf_counter() - start) * work.epochs / epochs


def jitted(work, x, y):
    """Return a job that runs some epochs of whole batches, compiled as one scan; it is warm."""
    x, y, batch_size = jnp.asarray(x), jnp.asarray(y), work.batch_size
    n_steps, rng = -(-work.n_rows // batch_size), np.random.default_rng(0)
    start = [
        (jnp.asarray(rng.standard_normal(n), jnp.float32) * (2 / n[0]) ** 0.5, jnp.zeros(n[1]))
        for n in pairwise(work.sizes)
    ]
    zeros = jax.tree.map(jnp.zeros_like, start)

    def loss(params, u, labels):
        for w, b in params[:-1]:
            u = jax.nn.relu(u @ w + b)
        out = jax.nn.log_softmax(u @ params[-1][0] + params[-1][1])
        return -jnp.take_along_axis(out, labels[:, None], 1).mean()

    def step(state, rows):
        params, m, v, t = state
        grads, t = jax.grad(loss)(params, x[rows], y[rows]), t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)
        rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        params = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), params, m, v)
        return (params, m, v, t), None

    @jax.jit
    def epochs(state, orders):
        return jax.lax.scan(step, state, orders)[0]

    def orders():  # a short last batch would be compiled as a second function: it is drawn full
        rows = [rng.permutation(work.n_rows) for _ in range(work.epochs)]
        rows = [np.resize(r, (n_steps, batch_size)) for r in rows]
        return jnp.asarray(np.concatenate(rows))

    state = start, zeros, zeros, jnp.float32(0)
    jax.block_until_ready(epochs(state, orders()))
    return lambda: timed(lambda: jax.block_until_ready(epochs(state, orders())))


# Many networks


def together(n_networks=16):
    print(f"Milliseconds for {DEEP.epochs * 10} steps of each of {n_networks} networks at once.")
    heading("network, batch", ["ours", "sklearn", "torch bmm"])
    x, y, net, theta = prepare(DEEP)
    thetas = np.stack([theta] * n_networks)

    def native():
        update = Update(Adam())
        state = TrainState.start(
            thetas.copy(), update.optimizer.init(thetas), range(n_networks), 1e-3
        )
        problem = Problem(net, x, y[:, None], np.ones(len(x), np.float32))
        config = TrainConfig(update, DEEP.epochs, DEEP.batch_size, patience=np.inf)
        return timed(lambda: train(problem, state, config, NativeEngine()))

    with joblib.Parallel(n_jobs=2) as parallel:
        parallel(joblib.delayed(fit_quietly)(x[:300], y[:300], k) for k in range(2))  # warm
        jobs = {
            "ours": native,
            "sklearn": lambda: timed(
                lambda: parallel(joblib.delayed(fit_quietly)(x, y, k) for k in range(n_networks))
            ),
            "torch": lambda: min(batched(x, y, n_networks, n) for n in (1, 2)),
        }
        show(f"{SIZES}, 256", best(jobs, 5), 1e3)


def fit_quietly(x, y, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged
        neural_network.MLPClassifier(
            DEEP.sizes[1:-1], batch_size=256, max_iter=DEEP.epochs, random_state=seed
        ).fit(x, y)


def batched(x, y, n_networks, n_threads):
    """Train K networks whose weights are (K, n_in, n_out), each on its own rows."""
    torch.set_num_threads(n_threads)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    params = []
    for n_in, n_out in pairwise(DEEP.sizes):
        params += [torch.randn(n_networks, n_in, n_out) * (2 / n_in) ** 0.5]
        params += [torch.zeros(n_networks, 1, n_out)]
    params = [p.requires_grad_() for p in params]
    adam = torch.optim.Adam(params, lr=1e-3, fused=True)
    start = time.perf_counter()
    for _ in range(DEEP.epochs):
        orders = torch.stack([torch.randperm(len(x)) for _ in range(n_networks)])
        for rows in orders.split(DEEP.batch_size, 1):
            adam.zero_grad()
            u = x[rows]
            for w, b in zip(params[0:-2:2], params[1:-2:2], strict=True):
                u = torch.relu(torch.baddbmm(b, u, w))
            u = torch.baddbmm(params[-1], u, params[-2])
            (
                torch.nn.functional.cross_entropy(u.flatten(0, 1), y[rows].flatten()) * n_networks
            ).backward()
            adam.step()
    return time.perf_counter() - start


# Whole fits

ALONE = """
import warnings
warnings.simplefilter("ignore")
from {module} import MLPClassifier
from sklearn.datasets import load_{table}
MLPClassifier(random_state=0).fit(*load_{table}(return_X_y=True))
"""


def fits():
    print("Milliseconds to fit MLPClassifier(random_state=0), and with the start of Python.")
    heading("table", ["ours", "sklearn"])
    modules = {"ours": ("jubako", jubako), "sklearn": ("sklearn.neural_network", neural_network)}
    for load in load_iris, load_digits:
        x, y = load(return_X_y=True)
        inside = {name: partial(default_fit, module, x, y) for name, (_, module) in modules.items()}
        show(load.__name__[5:], best(inside, 3), 1e3)
        alone = {
            name: partial(python, ALONE.format(module=path, table=load.__name__[5:]))
            for name, (path, _) in modules.items()
        }
        show(load.__name__[5:] + ", import included", best(alone, 3), 1e3)


def default_fit(module, x, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return timed(lambda: module.MLPClassifier(random_state=0).fit(x, y))


def python(code, *arguments):
    """Run code in a Python of its own; return what it printed."""
    result = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
    )
    return result.stdout


# Predictions


def predictions():
    print(f"Microseconds to predict the probabilities of some rows with {SIZES}.")
    heading("rows", ["engine", "ours", "sklearn", "torch", "onnx"])
    rng = np.random.default_rng(0)
    x = rng.standard_normal((100_000, 32)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int)
    peers = {}
    for name, module in ("ours", jubako), ("sklearn", neural_network):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peers[name] = module.MLPClassifier(DEEP.sizes[1:-1], max_iter=1).fit(x[:1000], y[:1000])
    layers = []
    for n_in, n_out in pairwise(DEEP.sizes):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    torch_net = torch.nn.Sequential(*layers[:-1], torch.nn.Softmax(1))
    session = onnx_session([(p.detach().numpy()) for p in torch_net.parameters()])
    _, _, net, theta = prepare(DEEP)
    engine = NativeEngine()
    for n_rows in 1, 100, 100_000:
        rows, tensor = x[:n_rows], torch.from_numpy(x[:n_rows])
        times = max(1, 2000 // n_rows)

        def run(job, times=times):
            return timed(lambda: [job() for _ in range(times)]) / times

        def with_torch(tensor=tensor):
            with torch.inference_mode():
                torch_net(tensor)

        jobs = {
            "engine": lambda: engine.predict(net, theta, rows),  # noqa: B023
            "ours": lambda: peers["ours"].predict_proba(rows),  # noqa: B023
            "sklearn": lambda: peers["sklearn"].predict_proba(rows),  # noqa: B023
            "torch": with_torch,
            "onnx": lambda: session.run(None, {"x": rows}),  # noqa: B023
        }
        show(f"{n_rows}", best({name: partial(run, job) for name, job in jobs.items()}), 1e6)


def onnx_session(parts):
    nodes, tensors, u = [], [], "x"
    for i, (w, b) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
        tensors += [numpy_helper.from_array(w, f"w{i}"), numpy_helper.from_array(b, f"b{i}")]
        nodes.append(helper.make_node("Gemm", [u, f"w{i}", f"b{i}"], [f"a{i}"], transB=1))
        last = i == len(parts) // 2 - 1
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"a{i}"], [f"v{i}"]))
        u = f"v{i}"
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, parts[0].shape[1]])],
        [helper.make_tensor_value_info(u, TensorProto.FLOAT, [None, parts[-1].shape[0]])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(model.SerializeToString(), options)


# Growth

GROW = """
import resource, sys, time, warnings
import numpy as np
warnings.simplefilter("ignore")
from {module} import MLPClassifier
n = int(sys.argv[1])
rng = np.random.default_rng(0)
x = rng.standard_normal((n, 32), np.float32)
y = (x[:, 0] > 0).astype(int)
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
MLPClassifier((256, 256, 256), max_iter=1).fit(x[:300], y[:300])  # what is made only once
before = peak()
start = time.perf_counter()
model = MLPClassifier((256, 256, 256), batch_size=256, max_iter=1).fit(x, y)
fitted, between = time.perf_counter() - start, peak()
start = time.perf_counter()
model.predict_proba(x)
print(fitted, between - before, time.perf_counter() - start, peak() - before)
"""


def growth():
    print("One epoch of 32-256-256-256-2 over N rows of float32 (128 N bytes), then predict_proba:")
    print("seconds, and by how many MB the process has grown beyond its table.")
    print(f"{'N':>10}{'':8}{'fit s':>9}{'MB':>9}{'predict s':>11}{'MB':>9}")
    for n_rows in 1000, 10_000, 100_000, 1_000_000:
        for name, module in ("ours", "jubako"), ("sklearn", "sklearn.neural_network"):
            if name == "sklearn" and n_rows > 100_000:
                continue  # it takes a minute, and grows like before
            values = [float(s) for s in python(GROW.format(module=module), n_rows).split()]
            print(
                f"{n_rows:10}{name:>8}{values[0]:9.3f}{values[1]:9.0f}{values[2]:11.4f}{values[3]:9.0f}",
                flush=True,
            )


SECTIONS = {
    "steps": steps,
    "together": together,
    "fits": fits,
    "predictions": predictions,
    "growth": growth,
}

if __name__ == "__main__":
    main(sys.argv[1:])
