import ast
import importlib
import json
import re
from pathlib import Path
from string import Formatter

import pyarrow as pa
import pytest

import jubako
from jubako.data import profile
from jubako.data.errors import TableError
from jubako.i18n.ja import JAPANESE, in_japanese
from jubako.i18n.ja.cli_help import HELP
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.lab import configuration, data, estimator, exports, session, uploads
from jubako.lab.configuration import Setup
from jubako.lab.translator import Translator
from jubako.lab.uploads import from_plain, read_upload, to_plain

SRC = Path(jubako.__file__).parent
LAB = (configuration, data, estimator, exports, session, uploads)
LETTER = "[ぁ-んァ-ヶー一-龠]"
SPELLED_OTHERWISE = {  # one spelling for each word, also in the guides
    "メモリー": "メモリ",
    "フォルダー": "フォルダ",
    "ブラウザー": "ブラウザ",
    "クラスター": "クラスタ",
    "スケジューラー": "スケジューラ",
    "パラメーター": "パラメータ",
    "run フォルダ": "実行フォルダ",
    "ランフォルダ": "実行フォルダ",
    "カンマ": "コンマ",
    "閾値": "しきい値",
    "既定": "デフォルト",
    "ランダム": "無作為",
    "自動判定": "自動判別",
    "全て": "すべて",
    "下さい": "ください",
    "（": "(",
    "）": ")",
}
READERS_OF_TEXT = {"characters.py", "date_formats.py", "date_order.py", "numbers.py"}  # hold data
PASS_ON = {"lab/uploads.py", "data/errors.py"}  # messages made elsewhere
FROM_PYTHON = {"frames.py", "target.py"}  # which also refuse arrays that only Python can pass
REFUSING = [path for path in sorted((SRC / "data").rglob("*.py")) if path.name not in FROM_PYTHON]
REFUSING += [Path(module.__file__) for module in LAB]


def calls(path, name):
    """The calls of a name in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
            yield node


def patterns():
    for path in SRC.rglob("*.py"):
        for call in calls(path, "Message"):
            if not isinstance(call.args[0], ast.Constant):
                assert str(path.relative_to(SRC)) in PASS_ON
                continue
            yield call.args[0].value, {keyword.arg for keyword in call.keywords}


def room(path):
    """The file of `i18n/ja` that has the messages of a file."""
    folder, *below = path.relative_to(SRC).parts[:-1]
    return below[0] if folder == "data" and below else folder


def test_every_message_is_in_the_file_of_a_folder_it_comes_from():
    rooms = {}
    for path in SRC.rglob("*.py"):
        for call in calls(path, "Message"):
            if isinstance(call.args[0], ast.Constant):
                rooms.setdefault(call.args[0].value, set()).add(room(path))
    places = {}
    for file in (SRC / "i18n" / "ja").glob("[a-z]*.py"):
        if file.stem == "cli_help":  # see tests/cli/test_help.py
            continue
        for pattern in importlib.import_module(f"jubako.i18n.ja.{file.stem}").TEXTS:
            places.setdefault(pattern, []).append(file.stem)
    assert set(places) == set(JAPANESE)
    for pattern, found in places.items():
        assert len(found) == 1, f"{pattern!r} is in {found}"
        assert found[0] in rooms[pattern], f"{pattern!r} belongs to {rooms[pattern]}"


def fields(pattern):
    return {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}


def test_every_sentence_is_there_in_japanese_with_the_same_values():
    said = dict(patterns())
    assert set(said) == set(JAPANESE)
    for pattern, given in said.items():
        assert fields(pattern) == given
        assert fields(JAPANESE[pattern]) <= given
        assert re.search("[ぁ-んァ-ヶ一-龠]", JAPANESE[pattern])


@pytest.mark.parametrize("path", REFUSING, ids=lambda path: str(path.relative_to(SRC)))
@pytest.mark.parametrize("kind", ["TableError", "ValueError"])
def test_whatever_is_refused_is_refused_in_a_sentence(path, kind):
    for call in calls(path, kind):
        said = call.args[0]
        name = getattr(getattr(said, "func", None), "id", "")
        assert name in ("Message", "renamed", "renumbered", "located"), f"line {call.lineno}"


def test_a_value_that_is_a_sentence_is_said_in_japanese_too():
    reason = Message("dropped: {reason}", reason=Message("constant"))
    assert in_japanese(reason) == "除外 (定数)"
    assert in_japanese("constant") == "constant"  # a name, not a sentence


def test_a_sentence_passes_through_json():
    hint = Message("did you mean {near!r}?", near="a{b}")
    said = Message("There is no file {name!r}: {hint}", name="x", hint=hint)
    again = from_plain(json.loads(json.dumps(to_plain(said))))
    assert again == said
    assert in_japanese(again) == in_japanese(said)


def test_a_file_that_is_refused_is_refused_in_japanese():
    with pytest.raises(TableError) as error:
        read_upload("a.csv", b"a,a\n1,2\n")
    assert Translator(Language.ja).message(error.value).startswith("「a.csv」には「a」という列が")
    assert (
        Translator(Language.en)
        .message(error.value)
        .startswith("'a.csv' has several columns called 'a'")
    )


def test_a_number_out_of_bounds_is_refused_by_its_name_on_the_page():
    with pytest.raises(ValueError, match="The learning rate is 200, but") as error:
        Setup(rate=200)
    assert Translator(Language.ja).message(error.value).startswith("学習率が 200 ですが")


def test_all_that_check_says_of_a_table_is_said_in_japanese():
    table = pa.table(
        {
            "n": range(30),
            "kind": ["a", "b", "c"] * 10,
            "none": pa.nulls(30),
            "day": pa.array(range(0, 3000, 100), pa.date32()),
            "y": ["no"] * 15 + ["yes"] * 15,
            "leak": ["no"] * 15 + ["yes"] * 15,
            "size": [0.5 * i * i for i in range(30)],
        }
    )
    found = profile.profile(table, "y")
    said = [column.use for column in found.columns] + list(found.remarks)
    translate = Translator(Language.ja)
    assert len(said) == 11
    for sentence in said:
        assert re.search("[ぁ-んァ-ヶ一-龠]", translate.message(sentence))


def japanese_lines():
    """All lines with Japanese texts, with their files: of the package and of the guides."""
    top = SRC.parent.parent
    guides = [top / "README.ja.md", *(top / "docs").glob("*.ja.md"), *SRC.rglob("*.ja.md")]
    for path in (*SRC.rglob("*.py"), *guides):
        if path.name not in READERS_OF_TEXT:
            for line in path.read_text(encoding="utf-8").splitlines():
                if re.search(LETTER, line):
                    yield path, line


@pytest.mark.parametrize("spelling", SPELLED_OTHERWISE)
def test_each_word_has_one_spelling(spelling):
    wrong = [f"{path.name}: {line.strip()}" for path, line in japanese_lines() if spelling in line]
    assert not wrong, f"write {SPELLED_OTHERWISE[spelling]}"


@pytest.mark.parametrize("texts", [JAPANESE, HELP], ids=["messages", "help"])
def test_latin_letters_and_brackets_have_spaces_and_japanese_letters_have_none(texts):
    for text in texts.values():
        assert not re.search(f"{LETTER}[A-Za-z0-9(]|[A-Za-z0-9)]{LETTER}", text)
        assert not re.search(f"{LETTER} +{LETTER}", text)
