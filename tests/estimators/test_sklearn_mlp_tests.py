"""scikit-learn's own tests of its perceptrons, run on those here."""

import importlib.util
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import sklearn

THEIRS = "from sklearn.neural_network import MLPClassifier, MLPRegressor"
OURS = "from jubako import MLPClassifier, MLPRegressor"
SEED = """import pytest
@pytest.fixture
def global_random_seed():
    return 42
"""
PRIVATE = "looks at private attributes of scikit-learn's estimators"
FAIL = {  # docs/from-scikit-learn.md gives the reasons to users
    "test_fit": "sets coefs_ and private attributes before the first fit",
    "test_gradient": PRIVATE,
    "test_learning_rate_warmstart": PRIVATE,
    "test_adaptive_learning_rate": PRIVATE,
    "test_n_iter_no_change": PRIVATE,
    "test_n_iter_no_change_inf": PRIVATE,
    "test_lbfgs_regression[X0-y0]": "a seed of scikit-learn's that starts away from a plateau",
    "test_warm_start": "a warm start may lack classes of the first fit",
    "test_early_stopping_stratified": "a class with a single row is kept to train on",
    "test_mlp_param_dtypes[MLPClassifier-float64]": "dtype='auto' is float32 for larger tables",
    "test_mlp_param_dtypes[MLPRegressor-float64]": "dtype='auto' is float32 for larger tables",
    "test_preserve_feature_names[MLPClassifier]": "a single class is warned of",
}


@pytest.mark.skipif(not sklearn.__version__.startswith("1.9"), reason="compares with 1.9")
def test_scikit_learn_s_own_tests_fail_only_where_listed(tmp_path):
    found = importlib.util.find_spec("sklearn.neural_network.tests.test_mlp")
    if found is None or found.origin is None:
        pytest.skip("scikit-learn is installed without its tests")
    source = Path(found.origin).read_text(encoding="utf-8")
    assert source.count(THEIRS) == 1
    (tmp_path / "test_mlp.py").write_text(source.replace(THEIRS, OURS), encoding="utf-8")
    (tmp_path / "conftest.py").write_text(SEED, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    subprocess.run([*command, "--junit-xml=result.xml"], cwd=tmp_path, check=False, timeout=600)
    cases = list(ElementTree.parse(tmp_path / "result.xml").iter("testcase"))
    failed = {
        case.get("name") for case in cases if {part.tag for part in case} & {"failure", "error"}
    }
    assert len(cases) > 50
    assert failed == FAIL.keys()
