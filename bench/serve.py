"""How fast the service is: beside FastAPI with a scikit-learn pipeline of the same network.

    .venv/bin/python bench/serve.py [SECONDS]

A table of ten numbers and two categories, one network of two layers with 64 units. Its weights are
put into scikit-learn's MLPClassifier behind a ColumnTransformer, in a FastAPI application that
validates rows with pydantic, as tutorials do. Both run in a process of their own on uvicorn with
httptools; clients are threads of a third process with one connection each. For each number of rows
and of clients, both take turns for SECONDS (60); a status other than 200 ends the run.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa

N_NUMBERS, UNITS, SEED = 10, 64, 0
CASES = [(rows, clients) for rows in (1, 100) for clients in (1, 8, 64)]
READY = 60  # seconds

PEER = """
import sys
import joblib
import pandas as pd
import uvicorn
from fastapi import FastAPI
from pydantic import create_model

fields = {f"x{i}": (float, ...) for i in range(NUMBERS)} | {"a": (str, ...), "b": (str, ...)}
Row = create_model("Row", **fields)
pipeline = joblib.load(sys.argv[1])
app = FastAPI()

@app.get("/health")
def health():
    return {"status": "ok"}

@app.post("/predict")
def predict(rows: list[Row]):
    frame = pd.DataFrame([row.model_dump() for row in rows])
    p = pipeline.predict_proba(frame)
    return {"predictions": [dict(zip(pipeline.classes_.tolist(), one.tolist())) for one in p]}

uvicorn.run(app, port=int(sys.argv[2]), http="httptools", log_level="error", access_log=False)
""".replace("NUMBERS", str(N_NUMBERS))


def main(seconds):
    with tempfile.TemporaryDirectory() as folder:
        rows = write_models(Path(folder))
        command = [sys.executable, "-m", "jubako", "serve", f"{folder}/m.jubako", "--port"]
        ports = {"jubako": 8471, "FastAPI + scikit-learn": 8472}
        (Path(folder) / "peer.py").write_text(PEER)
        peer = [sys.executable, f"{folder}/peer.py", f"{folder}/pipeline.joblib"]
        processes = [
            subprocess.Popen([*command, "8471"], stderr=subprocess.DEVNULL),
            subprocess.Popen([*peer, "8472"]),
        ]
        try:
            for port in ports.values():
                wait_for(port)
            print(f"{seconds:g} s each; load average {os.getloadavg()[0]:.1f} at the start", end="")
            print(f", {len(os.sched_getaffinity(0))} processors")
            print("| rows | clients | service | p50 ms | p99 ms | requests/s | rows/s |")
            print("|---|---|---|---|---|---|---|")
            for n_rows, n_clients in CASES:
                for name, port in ports.items():
                    times = load(port, rows[:n_rows], n_clients, seconds)
                    p50, p99 = np.percentile(times, [50, 99]) * 1e3
                    rate = len(times) / seconds
                    print(
                        f"| {n_rows} | {n_clients} | {name} | {p50:.2f} | {p99:.2f} | {rate:.0f} "
                        f"| {rate * n_rows:.0f} |",
                        flush=True,
                    )
        finally:
            for process in processes:
                process.terminate()
                process.wait()


def write_models(folder):
    """Write the model of both services, and return rows to send."""
    import joblib
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from jubako.estimators.single_network import SingleNetworkClassifier

    rng = np.random.default_rng(SEED)
    n = 2000
    columns = {f"x{i}": rng.normal(size=n).round(3) for i in range(N_NUMBERS)}
    columns |= {"a": rng.choice(list("pqrs"), n), "b": rng.choice(list("tuv"), n)}
    frame = pd.DataFrame(columns)
    score = frame["x0"] - frame["x1"] * frame["x2"] + (frame["a"] == "p")
    labels = np.where(score > 0.3, "yes", "no")
    model = SingleNetworkClassifier((UNITS, UNITS), random_state=SEED).fit(frame, labels)
    model.save(folder / "m.jubako")
    numbers = [f"x{i}" for i in range(N_NUMBERS)]
    peer = make_pipeline(
        make_column_transformer((StandardScaler(), numbers), (OneHotEncoder(), ["a", "b"])),
        MLPClassifier((UNITS, UNITS), max_iter=1, random_state=SEED),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one epoch, whose weights are replaced
        peer.fit(frame, labels)
    copy_weights(model.model_, peer)
    difference = np.abs(model.predict_proba(frame) - peer.predict_proba(frame))
    print(f"median difference of probabilities: {np.median(difference):.4f}")
    joblib.dump(peer, folder / "pipeline.joblib")
    return pa.Table.from_pandas(frame.head(100), preserve_index=False).to_pylist()


def copy_weights(model, pipeline):
    """Put a network and the scales of its inputs into scikit-learn's, which lacks our clipping."""
    fitted, (encoder, mlp) = model.strongest, (step for _, step in pipeline.steps)
    numbers = [column for column in model.columns if column.kind == "numeric"]
    scaler = encoder.named_transformers_["standardscaler"]
    scaler.mean_ = np.array([column.center for column in numbers])
    scaler.scale_ = np.array([column.scale for column in numbers])
    layers = [layer for layer in fitted.net.views(fitted.theta) if "w" in layer]
    for layer, w, b in zip(layers, mlp.coefs_, mlp.intercepts_, strict=True):
        w[...], b[...] = layer["w"][0], layer["b"][0]


def wait_for(port):
    """Wait until a service answers."""
    end = time.monotonic() + READY
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            connection.getresponse().read()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def load(port, rows, n_clients, seconds):
    """Send requests from several clients, and return the seconds of each."""
    body, times = json.dumps(rows), list[float]()
    end = time.monotonic() + seconds
    errors = list[str]()

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end and not errors:
            began = time.perf_counter()
            connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
            times.append(time.perf_counter() - began)
            if answer.status != 200:
                errors.append(f"{answer.status}: {content[:200]!r}")
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(n_clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        sys.exit(f"An error with {len(rows)} rows and {n_clients} clients: {errors[0]}")
    return times


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
