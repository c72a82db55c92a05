"""A single network on a table in files that do not fit into memory."""

import numpy as np
import pyarrow as pa
import pytest

import jubako
from jubako.data.split_files import split_files
from jubako.data.table_files import open_files
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor
from jubako.search import windows
from jubako.search.prepared_files import prepare_files

from .test_files import from_disk, numbers, r2, shop, write_parts

__all__ = ["from_disk"]


def prepared(folder, target, **given):
    return prepare_files(open_files(folder), target, codes=False, **given)


def test_a_network_learns_from_disk_as_in_memory(tmp_path, from_disk, monkeypatch):
    monkeypatch.setattr(windows, "WINDOW", 2**15)
    table, test = numbers(4000), numbers(2000)
    files = prepared(write_parts(tmp_path / "big", table), "price")
    from_files = SingleNetworkRegressor(random_state=0).fit(files, "price")
    assert files.epochs_in_pass > 2
    passes = SingleNetworkRegressor().epochs(4000)
    assert from_files.n_iter_ == passes * files.epochs_in_pass
    in_memory = SingleNetworkRegressor(random_state=0)
    in_memory.fit(table.drop_columns(["price"]), table["price"].to_numpy())
    assert r2(from_files, test) > r2(in_memory, test) - 0.02 > 0.9
    from_files.save(tmp_path / "m.jubako")
    again = jubako.load(tmp_path / "m.jubako")
    features = test.drop_columns(["price"])
    assert (again.predict(features) == from_files.predict(features)).all()


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_classifier_learns_all_classes(n_classes, tmp_path, from_disk):
    table = shop(3000).drop_columns(["price"])
    label = np.array(table["label"].to_pylist(), object)
    if n_classes == 2:
        label[label == "fair"] = "dear"
    table = table.set_column(3, "label", pa.array(label))
    files = prepared(write_parts(tmp_path / "big", table), "label")
    model = SingleNetworkClassifier(random_state=0, max_iter=10).fit(files, "label")
    assert len(model.classes_) == n_classes
    assert (model.predict(table) == label).mean() > 0.85
    assert np.allclose(model.predict_proba(table).sum(1), 1, atol=1e-6)


def test_validation_rows_choose_the_best_epoch(tmp_path, from_disk):
    folder = write_parts(tmp_path / "big", numbers(3000))
    val, _ = split_files(open_files(folder), None, None, [0.2], 0)
    files = prepared(folder, "price", val=val)
    model = SingleNetworkRegressor(random_state=0, max_iter=8, early_stopping=True)
    model.fit(files, "price")
    losses = model.model_.log.history["val_loss"]
    assert len(losses) == model.n_iter_
    assert np.isfinite(losses).all()


def test_a_callback_and_the_time_limit_end_training(tmp_path, from_disk):
    folder = write_parts(tmp_path / "big", numbers(1000))
    files = prepared(folder, "price")
    model = SingleNetworkRegressor(random_state=0, callbacks=[lambda record: record.epoch == 2])
    assert model.fit(files, "price").n_iter_ == 2
    assert model.stopped_ == "callback"
    assert SingleNetworkRegressor(time_limit=1e-3).fit(files, "price").stopped_ == "time"


def test_the_same_seed_gives_the_same_bits(tmp_path, from_disk):
    files = prepared(write_parts(tmp_path / "big", numbers(1000)), "price")
    x = numbers(100).drop_columns(["price"])
    fits = [
        SingleNetworkRegressor(random_state=s, max_iter=3).fit(files, "price") for s in (0, 0, 1)
    ]
    predictions = [model.predict(x) for model in fits]
    assert (predictions[0] == predictions[1]).all()
    assert (predictions[0] != predictions[2]).any()
