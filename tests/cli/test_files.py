"""Real commands on real files, as untidy as they come."""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from command import jubako
from jubako import TabularClassifier, load

KINDS = ["red", "blue", "green"]


def rows(n=60):
    return [f"{i * 7 % 11}.5,{KINDS[i % 3]},{'yes' if i % 3 else 'no'}" for i in range(n)]


HEAD = "size,color,ok"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train a small model once, and return the folder with it and its table."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.csv").write_text("\n".join([HEAD, *rows()]) + "\n")
    done = jubako("train", "shop.csv", "--target", "ok", "--epochs", "40", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Saved as shop.jubako" in done.stderr
    return folder


@pytest.fixture
def shop(trained, tmp_path):
    """Give a folder of its own with that model and table."""
    for name in ("shop.csv", "shop.jubako"):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    return tmp_path


def answered(done, code, words):
    """Check that a mistake was answered in one sentence, without result and traceback."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    said = [line for line in done.stderr.splitlines() if line.startswith("jubako: ")]
    assert len(said) == 1, done.stderr
    assert words in said[0]
    assert "Traceback" not in done.stderr


TABLES = {  # what is wrong with a table: its content, and words of the answer
    "empty": (b"", "is empty"),
    "header only": (b"size,color,ok\n", "no rows"),
    "one row": (b"size,color,ok\n1,red,yes\n", "a classifier needs two classes"),
    "one class": (
        b"size,color,ok\n1,red,yes\n2,blue,yes\n3,red,yes\n",
        "a classifier needs two classes",
    ),
    "no target": (b"size,color,OK\n1,red,yes\n2,blue,no\n", "did you mean 'OK'"),
    "all targets missing": (b"size,color,ok\n1,red,\n2,blue,\n", "is empty"),
    "too few": (b"size,color,ok\n1,red,yes\n2,blue,no\n", "too few"),
    "double names": (b"size,size,ok\n1,2,yes\n2,3,no\n", "several columns called 'size'"),
    "ragged": (b"size,color,ok\n1,red,yes\n2,blue\n", "row 2: 2 fields"),
    "open quote": (b'size,color,ok\n1,"red,yes\n2,blue,no\n', "quote"),
    "infinite": (b"size,color,ok\n" + b"1,red,yes\ninf,blue,no\n" * 9, "infinite"),
    "binary": (bytes(range(256)) * 4, "not text"),
    "nothing to learn": (b"ok,same\n" + b"yes,1\nno,1\n" * 9, "no column to learn from"),
    "cut utf-16": ("色,ok\n赤,yes\n青,no\n".encode("utf-16")[:-1], "is not UTF-16"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_bad_table_is_answered_in_one_sentence(name, tmp_path):
    content, words = TABLES[name]
    (tmp_path / "data.csv").write_bytes(content)
    answered(jubako("train", "data.csv", "--target", "ok", cwd=tmp_path), 3, words)
    assert os.listdir(tmp_path) == ["data.csv"]


PREDICTED = {  # another table at prediction: its content, and words of the answer
    "text among numbers": ("size,color\n1,red\ntall,blue\n", "row 2: 'tall' is not a number"),
    "missing column": ("size,colour\n1,red\n", "no column 'color': did you mean 'colour'"),
    "double names": ("size,color,color\n1,red,red\n", "several columns"),
    "no rows": ("size,color\n", "no rows"),
}


@pytest.mark.parametrize("name", PREDICTED)
def test_a_table_that_does_not_fit_the_model_is_answered_in_one_sentence(name, shop):
    content, words = PREDICTED[name]
    (shop / "new.csv").write_text(content)
    answered(jubako("predict", "shop.jubako", "new.csv", "-o", "out.csv", cwd=shop), 3, words)
    assert sorted(os.listdir(shop)) == ["new.csv", "shop.csv", "shop.jubako"]


def test_columns_in_another_order_others_and_new_values_are_no_obstacle(shop):
    (shop / "new.csv").write_text("more,color,size\n1,red,2.5\n2,mauve,\n3,,4\n")
    done = jubako("predict", "shop.jubako", "new.csv", "--proba", "--keep", "more", cwd=shop)
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head == '"more","ok","p(no)","p(yes)"'
    assert [line.split(",")[0] for line in lines] == ['"1"', '"2"', '"3"']
    for line in lines:
        no, yes = map(float, line.split(",")[2:])
        assert no + yes == pytest.approx(1, abs=1e-6)  # float32
    assert "1 row with a 'color' that was not seen in training, such as 'mauve'" in done.stderr


def test_many_rows_are_predicted_in_their_order_and_none_is_lost(shop):
    n = 300_000  # more than one piece of 8 MiB
    with (shop / "many.csv").open("w") as file:
        file.write("id,size,color,padding\n")
        file.writelines(f"{i},{i % 11}.5,{KINDS[i % 3]},{'x' * 30}\n" for i in range(n))
    arguments = "predict", "shop.jubako", "many.csv", "--keep", "id", "--out"
    done = jubako(*arguments, "out.parquet", cwd=shop)
    assert done.returncode == 0, done.stderr
    assert "300000 rows" in done.stderr
    table = pq.read_table(shop / "out.parquet")
    assert table["id"].to_pylist() == [str(i) for i in range(n)]
    assert set(table["ok"].to_pylist()[:99]) == {"yes", "no"}
    # what was written stays unless the user insists
    answered(jubako(*arguments, "out.parquet", cwd=shop), 2, "--force")


def test_a_japanese_table_in_cp932_goes_all_the_way(tmp_path):
    text = "大きさ,色,合格\r\n" + "".join(
        f"{i % 7},{'赤青緑'[i % 3]},{'はい' if i % 3 else 'いいえ'}\r\n" for i in range(60)
    )
    (tmp_path / "表.csv").write_bytes(text.encode("cp932"))
    done = jubako("train", "表.csv", "--target", "合格", "--epochs", "40", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "CP932" in done.stderr
    done = jubako("evaluate", "表.jubako", "表.csv", "--json", cwd=tmp_path)
    metrics = json.loads(done.stdout)["metrics"]
    assert metrics["accuracy"] == 1
    recalls = {label: values["recall"] for label, values in metrics["per_class"].items()}
    assert recalls == {"いいえ": 1, "はい": 1}
    done = jubako("predict", "表.jubako", "表.csv", cwd=tmp_path)
    assert done.stdout.splitlines()[:3] == ['"合格"', '"いいえ"', '"はい"']
    answered(
        jubako("predict", "表.jubako", "表.csv", "--encoding", "utf-8", cwd=tmp_path), 3, "line 1"
    )
    done = jubako("check", "表.csv", "--target", "合格", cwd=tmp_path)
    assert "'色' alone nearly determines '合格'" in done.stdout


def test_json_is_one_object_with_a_version_and_nothing_else(shop):
    done = jubako("train", "shop.csv", "--target", "ok", "--epochs", "3", "--json", cwd=shop)
    answer = json.loads(done.stdout)
    assert list(answer) == [
        *("schema_version", "model", "data", "target", "task", "train_rows", "seed", "seconds"),
        *("test_rows", "notes", "metrics", "stopped", "epochs", "training_loss"),
    ]
    assert answer["schema_version"] == 2
    assert list(answer["metrics"]) == ["model", "untrained", "majority_class", "linear_model"]
    assert list(answer["metrics"]["model"]) == [
        *("accuracy", "log_loss", "roc_auc", "pr_auc", "brier", "calibration_error", "per_class"),
        "by_threshold",
    ]
    done = jubako("inspect", "shop.jubako", "--json", cwd=shop)
    assert list(json.loads(done.stdout)) == [
        *("schema_version", "file", "bytes", "seconds", "description", "arrays"),
    ]
    done = jubako("check", "shop.csv", "--json", cwd=shop)
    assert list(json.loads(done.stdout)) == [
        "schema_version",
        "data",
        "read_as",
        "rows",
        "memory",
        "notes",
        "columns",
        "remarks",
    ]


def test_inspect_shows_columns_layers_and_training(shop):
    done = jubako("inspect", "shop.jubako", cwd=shop)
    assert done.returncode == 0
    for words in (
        "SingleNetworkClassifier",
        "categorical, 3 levels",
        "dense relu",
        "40 epochs",
        "no, yes",
    ):
        assert words in done.stdout


def test_inspect_shows_the_threshold_and_that_losses_are_optimistic(tmp_path):
    x = np.arange(60.0)
    model = TabularClassifier("fast", n_folds=2, threshold=0.3, random_state=0)
    model.fit(pd.DataFrame({"x": x}), np.where(x > 20, "yes", "no")).save(tmp_path / "m.jubako")
    shown = " ".join(jubako("inspect", "m.jubako", cwd=tmp_path).stdout.split())
    assert "threshold 0.3, for the probability of 'yes'" in shown
    assert "It is optimistic, since epochs and weights were chosen on these rows" in shown


def test_evaluate_fails_under_what_was_asked(shop):
    arguments = "evaluate", "shop.jubako", "shop.csv", "--fail-under"
    assert jubako(*arguments, "accuracy=0.5", cwd=shop).returncode == 0
    done = jubako(*arguments, "accuracy=1.01", cwd=shop)
    assert done.returncode == 6
    assert "lower than 1.01" in done.stderr
    assert jubako(*arguments, "speed=1", cwd=shop).returncode == 2


@pytest.mark.parametrize("change", ["cut", "altered", "another file", "missing"])
def test_a_model_file_that_can_not_be_trusted_is_refused(change, shop):
    path = shop / "shop.jubako"
    data = path.read_bytes()
    if change == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif change == "altered":
        path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    elif change == "another file":
        path.write_text("size,color\n1,red\n")
    else:
        path.unlink()
    for command in (("predict", path, "shop.csv"), ("inspect", path)):
        answered(jubako(*command, cwd=shop), 4, "shop.jubako")


def test_nothing_unrelated_is_overwritten(shop):
    arguments = "train", "shop.csv", "--target"
    (shop / "other.csv").write_text("a,b\n")
    answered(jubako(*arguments, "ok", "--out", "other.csv", cwd=shop), 2, "--force")
    answered(jubako(*arguments, "color", cwd=shop), 2, "holds a model for 'ok'")
    assert jubako(*arguments, "ok", "--epochs", "1", cwd=shop).returncode == 0
    out = "predict", "shop.jubako", "shop.csv", "--force", "--out", "shop.csv"
    answered(jubako(*out, cwd=shop), 2, "choose another name")


def test_a_full_disk_leaves_the_old_model_and_says_so(shop):
    before = (shop / "shop.jubako").read_bytes()

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    command = [sys.executable, "-m", "jubako", "train", "shop.csv", "--target", "ok"]
    done = subprocess.run(
        [*command, "--epochs", "1"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=shop,
        check=False,
        preexec_fn=limit,
    )
    answered(done, 1, "can't be saved as 'shop.jubako'")
    assert (shop / "shop.jubako").read_bytes() == before
    assert sorted(os.listdir(shop)) == ["shop.csv", "shop.jubako"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")
def test_full_standard_output_is_no_success(shop):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "jubako", "predict", "shop.jubako", "shop.csv"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=shop,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_in_training_saves_the_model_and_says_how_to_go_on(shop):
    arguments = "train", "digits", "--epochs", "100000", "--out", "d.jubako"
    process = subprocess.Popen(
        [sys.executable, "-m", "jubako", *arguments],
        cwd=shop,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stderr.readline()
    assert "digits" in line  # printed just before training
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 5, err
    assert "--resume" in err
    assert "test set" in out
    done = jubako(*arguments[:2], "--epochs", "1", "--out", "d.jubako", "--resume", cwd=shop)
    assert done.returncode == 0, done.stderr


def test_resume_ends_with_the_same_bits_as_training_that_was_not_stopped(tmp_path):
    arguments = "train", "iris", "--hidden", "4,4", "--dropout", "0.1", "--val", "0.2"
    arguments = *arguments, "--epochs", "6", "--out"
    jubako(*arguments, "whole.jubako", cwd=tmp_path)
    stopped = jubako(*arguments, "part.jubako", "--time", "0.0001s", cwd=tmp_path)
    assert stopped.returncode == 5, stopped.stderr
    done = jubako(*arguments, "part.jubako", "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    whole, part = (load(tmp_path / f"{name}.jubako").mlp_ for name in ("whole", "part"))
    np.testing.assert_array_equal(part.theta_, whole.theta_)
    assert (part.n_iter_, part.loss_curve_) == (whole.n_iter_, whole.loss_curve_)


INTERRUPTED = "jubako: interrupted, nothing was saved.\n"


def test_ctrl_c_before_training_leaves_nothing_behind(shop):
    process = subprocess.Popen(
        [sys.executable, "-m", "jubako", "train", "-", "--target", "ok", "--out", "new.jubako"],
        cwd=shop,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # more than a pipe holds: once it is written, the command is reading, and waits for the rest
    process.stdin.write("a long name," * 100_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (out, err) == ("", INTERRUPTED)
    assert sorted(os.listdir(shop)) == ["shop.csv", "shop.jubako"]


def test_ctrl_c_while_the_command_is_loaded_is_answered_in_one_sentence(tmp_path):
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run(
        [sys.executable, "-m", "jubako", "train", "iris"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", INTERRUPTED)


def test_time_ends_training_and_keeps_the_model(shop):
    arguments = "train", "digits", "--epochs", "100000", "--time", "1s", "--out", "d.jubako"
    done = jubako(*arguments, "--json", cwd=shop)
    assert done.returncode == 5, done.stderr
    assert json.loads(done.stdout)["stopped"] == "time"
    assert (shop / "d.jubako").exists()


def test_own_test_and_validation_rows_are_used(shop):
    (shop / "test.csv").write_text("\n".join([HEAD, *rows(9)]))
    arguments = "train", "shop.csv", "--target", "ok", "--epochs", "5", "--json"
    done = jubako(*arguments, "--test", "test.csv", "--val", "0.2", cwd=shop)
    answer = json.loads(done.stdout)
    assert (answer["train_rows"], answer["test_rows"]) == (48, 9)


def test_the_task_can_be_set(shop):
    arguments = "train", "shop.csv", "--out", "a.jubako", "--epochs", "2", "--json"
    done = jubako(*arguments, "--target", "size", cwd=shop)
    assert json.loads(done.stdout)["task"] == "regress"
    done = jubako(*arguments, "--target", "size", "--task", "classify", "--force", cwd=shop)
    assert json.loads(done.stdout)["task"] == "classify"
    done = jubako(*arguments, "--target", "ok", "--task", "regress", "--force", cwd=shop)
    answered(done, 3, "can only be classes")


def test_standard_input_is_a_table_too(shop):
    done = jubako("predict", "shop.jubako", "-", cwd=shop, stdin=shop / "shop.csv")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 61


def test_a_table_with_decimal_commas_is_predicted_as_it_was_learned(tmp_path):
    rows = [(f"{i % 13 - 6},{i % 7}5", "yes" if i % 13 > 6 else "no") for i in range(90)]
    (tmp_path / "a.csv").write_text("size;ok\n" + "".join(f"{x};{y}\n" for x, y in rows))
    (tmp_path / "b.csv").write_text(
        "size,ok\n" + "".join(f"{x.replace(',', '.')},{y}\n" for x, y in rows)
    )
    jubako("train", "a.csv", "--target", "ok", "--epochs", "30", cwd=tmp_path)
    commas, points = (
        jubako("predict", "a.jubako", name, cwd=tmp_path).stdout for name in ("a.csv", "b.csv")
    )
    assert commas == points
    assert len(set(commas.splitlines())) == 3
    (tmp_path / "c.csv").write_text("size\n0.5\n6.025\n")
    done = jubako("predict", "a.jubako", "c.csv", cwd=tmp_path)
    answered(done, 3, "'size', row 2: '6.025' can be read in two ways")


def test_a_column_that_is_empty_at_prediction_is_missing_in_every_row(shop):
    (shop / "new.csv").write_text("size,color\n,red\n,blue\n")
    done = jubako("predict", "shop.jubako", "new.csv", cwd=shop)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
