"""MLflow keeps models; in the environment of `make test-mlflow`, since it is large."""

import numpy as np
import pandas as pd
import pytest

from jubako import MLPRegressor, TabularClassifier, TabularRegressor

mlflow = pytest.importorskip("mlflow")  # in the environment of `make test-mlflow`
skops_io = pytest.importorskip("skops.io")

N = 60
X = pd.DataFrame(
    {"a": np.random.default_rng(0).normal(size=N), "c": np.resize(["x", "y", None], N)}
)
SEARCH = {"preset": "fast", "n_folds": 2, "random_state": 0}
MODELS = {
    "TabularRegressor": lambda: TabularRegressor(**SEARCH).fit(X, X["a"]),
    "TabularClassifier": lambda: TabularClassifier(**SEARCH).fit(X, X["a"] > 0),
    "MLPRegressor": lambda: MLPRegressor(max_iter=2, random_state=0).fit(X[["a"]], X["a"]),
}


@pytest.fixture(autouse=True)
def tracking(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    monkeypatch.chdir(tmp_path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("how", ["skops", "cloudpickle"])
def test_a_logged_model_predicts_the_same_bits(name, how):
    model, x = MODELS[name](), X[["a"]] if name == "MLPRegressor" else X
    trusted = skops_io.get_untrusted_types(data=skops_io.dumps(model))
    options = {"skops": {"skops_trusted_types": trusted}}  # the default format
    options["cloudpickle"] = {"serialization_format": "cloudpickle"}
    with mlflow.start_run():
        info = mlflow.sklearn.log_model(model, name="model", **options[how])
    for loaded in (
        mlflow.sklearn.load_model(info.model_uri),
        mlflow.pyfunc.load_model(info.model_uri),
    ):
        np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
