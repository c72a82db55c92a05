import numpy as np
import onnxruntime
import pytest
from skl2onnx import to_onnx
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jubako.estimators.onnx_converters import register_converters
from jubako.model.errors import ModelFileError
from small import SCORE, X, Y, classifier, regressor

register_converters()
OPSET = {"": 20, "ai.onnx.ml": 3}
SETTINGS = {
    "plain": {},
    "residual": {"hidden_layer_sizes": (8, 8, 8), "residual": True, "dropout": 0.1},
    "several": {"n_networks": 3, "activation": "mish"},
    "none": {"hidden_layer_sizes": ()},
    "activations": {"hidden_layer_sizes": (4, 4), "activation": ["gelu", "selu"]},
}


def run(exported, x):
    session = onnxruntime.InferenceSession(exported.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: x})


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_pipeline_predicts_the_same(name, dtype):
    x = X.astype(dtype)
    for y in (Y, Y > 0, np.array(["low", "mid", "high"])[Y], np.c_[Y > 0, Y > 1].astype(int)):
        pipeline = make_pipeline(StandardScaler(), classifier(**SETTINGS[name])).fit(x, y)
        options = {id(pipeline): {"zipmap": False}}
        exported = to_onnx(pipeline, x, target_opset=OPSET, options=options)
        labels, p = run(exported, x)
        assert p.dtype == dtype
        np.testing.assert_allclose(p, pipeline.predict_proba(x), rtol=1e-5, atol=1e-6)
        assert (labels == pipeline.predict(x)).all()
        assert run(exported, x[:0])[1].shape == (0, p.shape[1])
    pipeline = make_pipeline(StandardScaler(), regressor(**SETTINGS[name])).fit(x, SCORE)
    (got,) = run(to_onnx(pipeline, x, target_opset=OPSET), x)
    np.testing.assert_allclose(got[:, 0], pipeline.predict(x), rtol=1e-5, atol=1e-5)


def test_a_regressor_of_several_numbers_predicts_the_same():
    model = regressor("poisson").fit(X, np.c_[Y, 2 * Y])
    (got,) = run(to_onnx(model, X, target_opset=OPSET), X)
    np.testing.assert_allclose(got, model.predict(X), rtol=1e-5)


def test_two_networks_in_one_graph_have_names_of_their_own():
    models = [
        ("a", classifier()),
        ("b", classifier(activation="tanh")),
        ("c", LogisticRegression()),
    ]
    model = VotingClassifier(models, voting="soft", flatten_transform=False).fit(X, Y)
    exported = to_onnx(model, X, target_opset=OPSET, options={id(model): {"zipmap": False}})
    np.testing.assert_allclose(run(exported, X)[1], model.predict_proba(X), rtol=1e-5, atol=1e-6)


def test_an_operator_set_that_is_too_old_is_refused():
    with pytest.raises(ModelFileError, match="target_opset=18 or more"):
        to_onnx(regressor().fit(X, SCORE), X, target_opset=15)
