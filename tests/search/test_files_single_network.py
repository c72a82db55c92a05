"""A single network on a table in files that do not fit into memory."""

import shutil

import numpy as np
import pyarrow as pa
import pytest

import jubako
from jubako.data.split_files import split_files
from jubako.data.table_files import open_files
from jubako.estimators import SingleNetworkClassifier, SingleNetworkRegressor
from jubako.search import encoded_files, windows
from jubako.search.first_pass import prepare_files

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


@pytest.mark.parametrize("seed", [0, None])
def test_a_killed_training_continues_in_its_run_folder(seed, tmp_path, from_disk, monkeypatch):
    monkeypatch.setattr("jubako.search.checkpoint.CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(windows, "WINDOW", 2**15)
    files = prepared(write_parts(tmp_path / "big", numbers(2000)), "price")
    cut, whole, epochs = tmp_path / "cut", tmp_path / "whole", list[int]()

    def network(run_dir, callback=None):
        model = SingleNetworkRegressor(max_iter=6, random_state=seed, run_dir=run_dir)
        model.callbacks = [callback] if callback else None
        return model.fit(files, "price")

    def fail(record):
        if record.epoch == 5:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        network(cut, fail)
    if seed is None:  # the seed that the first command has drawn
        whole.mkdir()
        shutil.copy(cut / "run.json", whole)
    with monkeypatch.context() as patch:
        patch.setattr(encoded_files.FileEncoder, "encode", None)  # rows are not encoded again
        resumed = network(cut, lambda record: epochs.append(record.epoch))
    expected = network(whole)
    assert epochs[0] in (5, 6)
    assert resumed.n_iter_ == expected.n_iter_ == 6 * files.epochs_in_pass
    np.testing.assert_array_equal(resumed.mlp_.theta_, expected.mlp_.theta_)
    history, expected_history = resumed.model_.log.history, expected.model_.log.history
    assert history["train_loss"] == expected_history["train_loss"]


def test_other_files_or_parameters_are_refused_in_a_run_folder(tmp_path, from_disk):
    files = prepared(write_parts(tmp_path / "big", numbers(1000)), "price")
    others = prepared(write_parts(tmp_path / "others", numbers(900)), "price")
    model = SingleNetworkRegressor(max_iter=1, random_state=0, run_dir=tmp_path / "run")
    model.fit(files, "price")
    with pytest.raises(ValueError, match=r"another run, which differs in .*table"):
        model.fit(others, "price")
    with pytest.raises(ValueError, match=r"differs in hidden_layer_sizes \[64, 64\]"):
        model.set_params(hidden_layer_sizes=(8,)).fit(files, "price")
