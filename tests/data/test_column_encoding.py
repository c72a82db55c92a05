import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jubako.data.casting.reading import NUMERIC, Reading, cast
from jubako.data.casting.values import as_numbers
from jubako.data.column_encoding import (
    Boolean,
    Categorical,
    Date,
    Discrete,
    Duration,
    Numeric,
    Ordinal,
    TimeOfDay,
    encode,
    fit_columns,
    input_slices,
    level_counts,
    unseen_levels,
)
from jubako.data.columns.categorical import MOST_CODES, MOST_PLACES
from jubako.data.columns.numeric import MOMENTS
from jubako.data.errors import TableError
from jubako.data.inference import infer_reading, read_numbers
from jubako.data.readers.frames import to_table
from refusals import told


def fitted(**columns):
    table = pa.table(columns)
    kept, dropped = fit_columns(table)
    return kept, {column.name: column.reason for column in dropped}, table


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=50).filter(lambda v: np.ptp(v) > 1e-3))
def test_numbers_keep_their_order_and_lie_between_minus_three_and_three(values):
    columns, _, table = fitted(a=values)
    x = encode(columns, table)[:, 0]
    assert (np.diff(x[np.argsort(values, kind="stable")]) >= 0).all()
    assert (abs(x) <= 3).all()


def test_the_median_becomes_zero_and_the_quartiles_one_apart():
    (column,), _, _ = fitted(a=[1.0, 2, 3, 4, 100])
    assert (column.center, column.scale) == (3.0, 2.0)


def test_two_values_alike_often_become_minus_one_and_one_before_the_bend():
    columns, _, table = fitted(a=[7, 7, 9, 9])
    assert columns == [Numeric("a", 8.0, 1.0, statistics=MOMENTS)]
    # 1 / sqrt(1 + 1/9), in float32
    np.testing.assert_allclose(encode(columns, table)[:, 0], [-0.948683] * 2 + [0.948683] * 2, 1e-6)


def test_a_rare_value_stands_far_out_and_the_common_one_near_zero():
    for rare in ([1.0], [1.0, 2.0]):
        columns, _, table = fitted(a=[0.0] * 99 + rare)
        x = encode(columns, table)[:, 0]
        assert abs(x[0]) < 0.2
        assert x[-1] > 2


def test_missing_numbers_become_zero_and_are_marked():
    columns, dropped, table = fitted(a=[1.0, None, 3.0], b=[7, 7, 7], c=["x", "x", "x"])
    assert columns == [Numeric("a", 2.0, 1.0, missing=True, statistics=MOMENTS)]
    assert dropped == {"b": "constant", "c": "constant"}
    assert encode(columns, table)[:, 1].tolist() == [0, 1, 0]
    assert encode(columns, table)[1, 0] == 0


def test_texts_that_are_numbers_are_numbers():
    columns, _, table = fitted(a=["1,234.5", "¥500", " 70 ", "-3.5e1", None])
    x = columns[0]
    assert isinstance(x, Numeric)
    assert x.center == (500 + 70) / 2
    assert x.reading.unit == "¥"
    assert "in ¥" in x.describe()
    assert encode(columns, table).shape == (5, 2)


def test_numbers_may_be_written_as_in_japanese_accounts():
    columns, _, table = fitted(
        a=["１，２３４", "￥500", "△3", "▲1,000円", "−7", "-¥8", "¥-9", ".5"]
    )
    numbers = [1234, 500, -3, -1000, -7, -8, -9, 0.5]
    assert read_numbers(table["a"], "a").tolist() == numbers
    assert isinstance(columns[0], Numeric)


@pytest.mark.parametrize(
    "text", ["-", "¥", "%", "1 2", "+-3", "-¥-3", "1,2.5", "1.5.2", "e5", "．", "5²", "①"]
)
def test_what_is_no_number_is_refused_with_its_row(text):
    values = pa.chunked_array([["1"], ["2", text, "3"]])
    reading = infer_reading("a", values).reading
    assert reading.missing == (text,) or reading.kind != "numeric"
    with pytest.raises(TableError, match=rf"'a', row 3: '{re.escape(text)}' is not a number"):
        cast(values, NUMERIC, "a")


def test_whole_numbers_beyond_those_that_floats_tell_apart_are_numbers():
    for kind, most in ((pa.int64(), 2**63 - 1), (pa.uint64(), 2**64 - 1)):
        columns, _, table = fitted(a=pa.array([1, 2, most] * 9, kind))
        assert np.isfinite(encode(columns, table)).all()
        assert as_numbers(table["a"], "a")[2] == float(most)


def test_a_text_among_numbers_is_refused_with_its_row():
    columns, _, _ = fitted(a=[1.0, 2.0, 3.0])
    with pytest.raises(TableError, match=r"'a', row 2: 'two' is not a number"):
        encode(columns, pa.table({"a": ["1", "two", "3"]}))


def test_an_infinite_number_is_refused_with_its_row():
    columns, _, _ = fitted(a=[1.0, 2.0, 3.0])
    with pytest.raises(TableError, match=r"'a', row 3: a number is infinite"):
        encode(columns, pa.table({"a": [1.0, 2.0, np.inf]}))


def test_categories_become_one_hot_and_new_ones_zero():
    columns, _, _ = fitted(color=["red", "blue", "red", "blue"] * 3 + [None])
    assert columns == [Categorical("color", ("blue", "red"), missing=True)]
    x = encode(columns, pa.table({"color": ["blue", "red", "green", None]}))
    assert x.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]]


def test_rare_and_new_levels_share_a_place():
    columns, _, _ = fitted(color=["red", "blue"] * 9 + ["mauve", "lilac", "puce"])
    assert columns == [Categorical("color", ("blue", "red"), rare=True)]
    x = encode(columns, pa.table({"color": ["mauve", "green", "red"]}))
    assert x.tolist() == [[0, 0, 1], [0, 0, 1], [0, 1, 0]]


def test_a_category_can_be_one_number_after_all_others():
    columns, _, table = fitted(
        color=["red", "blue", None] * 4, size=np.arange(12) % 5, new=[True, False] * 6
    )
    x = encode(columns, table, codes=True)
    assert [(c.name, p) for c, p in input_slices(columns, codes=True)] == [
        ("size", slice(0, 1)),
        ("new", slice(1, 2)),
        ("color", slice(2, 3)),
    ]
    assert x[:3, 1:].tolist() == [[1, 2], [-1, 1], [1, 3]]  # 0 is for what was not seen
    unknown = encode(
        columns, pa.table({"color": ["mauve"], "size": [2], "new": [True]}), codes=True
    )
    assert unknown[0, 2] == 0
    assert level_counts(columns) == (3,)


def test_only_the_commonest_levels_are_told_apart():
    for codes, most in ((False, MOST_PLACES), (True, MOST_CODES)):
        values = [f"v{i}" for i in range(most + 50)] * 3 + ["common"] * 9
        (column,), _ = fit_columns(pa.table({"a": values}), codes)
        assert isinstance(column, Categorical)
        assert len(column.levels) == most
        assert "common" in column.levels
        assert column.rare
        assert encode([column], pa.table({"a": ["new", "common"]}), codes=True)[0] == most + 1


def test_columns_that_name_the_rows_are_left_out():
    n = 50
    columns, dropped, _ = fitted(
        number=np.random.default_rng(0).permutation(n) + 1000,
        name=[f"row {i}" for i in range(n)],
        empty=pa.nulls(n),
        a=np.arange(n) / 7,
    )
    assert [column.name for column in columns] == ["a"]
    assert set(dropped) == {"number", "name", "empty"}


def test_booleans_are_flags():
    columns, _, table = fitted(a=[True, False, None])
    assert columns == [Boolean("a")]
    assert encode(columns, table)[:, 0].tolist() == [1, -1, 0]


def test_dates_know_the_year_the_season_the_week_and_the_day():
    when = np.array(["2024-01-01T00:00", "2024-01-08T06:00", "2024-12-30T12:00", "NaT"], "M8[us]")
    columns, _, table = fitted(a=when)
    x = encode(columns, table)
    assert x.shape == (4, 7)
    assert x[0, 0] < x[1, 0] < x[2, 0]
    np.testing.assert_allclose(x[0, 3:5], x[1, 3:5], atol=1e-6)  # both are Mondays
    # the days before and after New Year lie close together on the circle of the year
    assert np.hypot(*(x[0, 1:3] - x[2, 1:3])) < 0.1
    assert not x[3].any()


def test_a_missing_column_is_named_with_the_nearest():
    columns, _, _ = fitted(size=[1.0, 2.0, 3.0])
    with pytest.raises(TableError, match=r"'shop\.csv' has no column 'size': did you mean 'Size'"):
        encode(columns, pa.table({"Size": [1.0]}), "shop.csv")


@pytest.mark.parametrize(
    "values",
    [
        pa.array([np.nan] * 9),
        pa.array([1e308, -1e308] * 9 + [0.0]),
        pa.array([5e-324, 0.0, 1.0] * 9),
        pa.array(["a", "b"] * 9, pa.string_view()),
        pa.array([1, 2, 3] * 9).cast(pa.decimal128(21, 2)),
        pa.array([1, 10**9 + 1, 3] * 9, pa.timestamp("ns", "Asia/Tokyo")),
        pa.array([1, 2, 3] * 9, pa.time32("s")),
        pa.array([1, 2, 3] * 9, pa.duration("ms")),
        pa.array([[1], [2]] * 9),
    ],
    ids=lambda values: str(values.type),
)
def test_columns_of_every_type_give_finite_numbers_or_are_left_out(values):
    columns, dropped, table = fitted(a=values)
    assert len(columns) + len(dropped) == 1
    assert np.isfinite(encode(columns, table)).all()


LONGER = ["1.5", "-¥5", "１２", "1,234", "1e400", "nan", "inf", "+-3", "१२"]
WORDS = st.sampled_from("-¥%円1a赤.\0x") | st.sampled_from(LONGER)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3) | WORDS | st.just(" ")
KINDS = [
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.uint64(), st.integers(0, 2**64 - 1)),
    (pa.float64(), st.floats()),
    (pa.float32(), st.floats(width=32)),
    (pa.float16(), st.floats(width=16).map(np.float16)),
    (pa.decimal128(38, 5), st.decimals(-(10**30), 10**30, places=5)),
    (pa.bool_(), st.booleans()),
    *((kind, TEXTS) for kind in (pa.string(), pa.large_string(), pa.string_view())),
    (pa.timestamp("us"), st.datetimes()),
    (pa.timestamp("s"), st.integers(-(2**63), 2**63 - 1)),
    (pa.date32(), st.dates()),
    (pa.time64("ns"), st.integers(0, 86_399 * 10**9)),
    (pa.duration("s"), st.integers(-(2**62), 2**62)),
    (pa.month_day_nano_interval(), st.just((1, 2, 3))),
    (pa.binary(), st.binary(max_size=3)),
    (pa.list_(pa.int8()), st.lists(st.integers(0, 3), max_size=2)),
    (pa.struct([("a", pa.int8())]), st.fixed_dictionaries({"a": st.integers(0, 3)})),
    (pa.null(), st.none()),
]


@st.composite
def any_column(draw):
    kind, value = draw(st.sampled_from(KINDS))
    values = draw(st.lists(value | st.none(), min_size=1, max_size=12))
    array = pa.array(values * draw(st.sampled_from([1, 3])), kind)
    packed = not pa.types.is_nested(kind) and not pa.types.is_float16(kind)
    packed = packed and kind not in (pa.string_view(), pa.month_day_nano_interval(), pa.null())
    return array.dictionary_encode() if packed and draw(st.booleans()) else array


@settings(max_examples=500)
@given(any_column(), any_column(), st.booleans(), st.booleans())
@example(pa.array([0, 2**63 - 512], pa.timestamp("s")), pa.array([None, 1.0]), False, False)
def test_any_column_gives_finite_numbers_or_one_sentence(first, second, codes, ranks):
    table, other = (to_table(pa.table({"a": values})) for values in (first, second))
    learned = told(fit_columns, table, codes)
    if isinstance(learned, str):
        assert "'a'" in learned
        return
    columns, dropped = learned
    assert len(columns) + len(dropped) == 1
    assert all(column.describe() for column in columns)
    assert np.isfinite(encode(columns, table, "X", ranks, codes)).all()
    x, new = told(encode, columns, other, "X", ranks, codes), told(unseen_levels, columns, other)
    assert "'a'" in x if isinstance(x, str) else np.isfinite(x).all()
    assert "'a'" in new if isinstance(new, str) else set(new) <= {"a"}


@given(st.integers(0, 2**32 - 1))
def test_rows_are_encoded_one_by_one_as_all_at_once(seed):
    rng = np.random.default_rng(seed)
    n = 12
    columns, _, table = fitted(
        a=[None if v > 1 else v for v in rng.normal(size=n)],
        b=rng.choice(["x", "y", "z"], n).tolist(),
        c=(rng.random(n) > 0.5).tolist(),
        d=np.datetime64("2026-01-01") + rng.integers(0, 999, n),
    )
    x = encode(columns, table)
    order = rng.permutation(n)
    np.testing.assert_array_equal(encode(columns, table.take(order)), x[order])
    np.testing.assert_array_equal(encode(columns, table[3:4]), x[3:4])


def test_a_category_reads_the_same_as_text_and_as_number():
    column = Categorical("a", ("1", "2"))
    for values in (["1", "2", None], [1, 2, None], [1.0, 2.0, None], [1e300, 1.5, None]):
        table = pa.table({"a": values})
        expected = [[0, 0]] * 3 if 1e300 in values else [[1, 0], [0, 1], [0, 0]]
        assert encode([column], table).tolist() == expected


def test_each_number_of_a_column_has_a_name():
    columns = [
        Numeric("size", 0.0, 1.0),
        Numeric("weight", 0.0, 1.0, missing=True),
        Categorical("色", ("赤", "青"), rare=True, missing=True),
        Boolean("new"),
        Date("day", 0.0, 1.0, 0.0, 0.0),
        Date("time", 0.0, 1.0, 0.0, 0.0, times=True),
        TimeOfDay("at", 0.0, 1.0),
        Duration("span", 0.0, 1.0, missing=True),
        Ordinal("grade", Reading("categorical", levels=("low", "high"))),
        Discrete("hour", (0.5, 7.0)),
    ]
    assert all(len(set(column.input_names)) == column.n_inputs for column in columns)
    assert columns[1].input_names == ("weight", "weight missing")
    assert columns[2].input_names == ("色=赤", "色=青", "色 rare", "色 missing")
    assert columns[-1].input_names == ("hour=0.5", "hour=7")
