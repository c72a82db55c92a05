"""Sentences of tables, checks and the lab, in Japanese: by their patterns in English."""

from typing import Any

from .ja_command_line import COMMAND_LINE
from .messages import Message, Series


def in_japanese(said: Any) -> Any:
    """Return a sentence in Japanese, with all in it that is one; anything else as it is.

    >>> in_japanese(Message("dropped: {reason}", reason=Message("empty")))
    '除外 (値がない)'
    """
    if isinstance(said, Series):
        return "、".join(map(in_japanese, said))
    if not isinstance(said, Message):
        return said
    values = {name: in_japanese(value) for name, value in said.values.items()}
    return JAPANESE[said.pattern].format(**values)


JAPANESE = {
    # how a column is used
    "numeric": "数値",
    "numeric in {unit}": "数値 (単位 {unit})",
    "categorical": "カテゴリ",
    "boolean": "真偽",
    "time of day": "時刻",
    "duration": "所要時間",
    "duration in {unit}": "所要時間 (単位 {unit})",
    "{kind}, median {center:.4g}, IQR {scale:.4g}": (
        "{kind}、中央値 {center:.4g}、四分位範囲 {scale:.4g}"
    ),
    "{kind}, mean {center:.4g}, standard deviation {scale:.4g}": (
        "{kind}、平均 {center:.4g}、標準偏差 {scale:.4g}"
    ),
    "{kind}, {center:.4g} or missing": "{kind}、{center:.4g} または欠損",
    "categorical, {n} levels: {shown}": "カテゴリ、{n} 水準: {shown}",
    "categorical, {n} levels and rare ones: {shown}": "カテゴリ、{n} 水準とまれな水準: {shown}",
    "ordinal, {n} levels: {first} < ... < {last}": "順序、{n} 水準: {first} < … < {last}",
    "{kind}, target": "{kind}、目的変数",
    "{kind}, dropped: {reason}": "{kind}、除外 ({reason})",
    "dropped: {reason}": "除外 ({reason})",
    "not usable as it is": "このままでは使えません",
    "empty": "値がない",
    "constant": "定数",
    "identifier": "識別子",
    "numbers too large": "数値が大きすぎる",
    "text, distinct in nearly every row": "ほとんどの行で異なるテキスト",
    "as declared": "指定による",
    "type {kind}": "{kind} 型",
    "date": "日付",
    "date and time": "日時",
    "{kind} in UTC": "{kind} (協定世界時)",
    "{kind}, {order}": "{kind} (順序: {order})",
    "{kind}, median {day}, range {first} to {last}": (
        "{kind}、中央値 {day}、範囲 {first} から {last} まで"
    ),
    "time of day, median {time}": "時刻、中央値 {time}",
    "days": "日",
    "h": "時間",
    "min": "分",
    "s": "秒",
    "dates": "日付",
    "times of day": "時刻",
    "durations": "所要時間",
    "two-digit year first": "2 桁の年が先",
    "duration, hours first": "所要時間、時間が先",
    "duration, minutes first": "所要時間、分が先",
    "year first": "年が先",
    "year and month": "年と月",
    "month first": "月が先",
    "day first": "日が先",
    "Column {name!r}, row {row}: {value!r} may have the month first or the day: the dates in "
    "training were no texts. Write the year first, as in 2026-03-31.": (
        "「{name}」列の {row} 行目の「{value}」は、学習データの日付が文字ではなかったため、"
        "月が先か日が先か決められません。2026-03-31 のように年を先に書いてください。"
    ),
    "Column {name!r}, row {row}: {value!r} is no date, as the others are. Correct it, or leave it "
    "empty.": (
        "「{name}」列の {row} 行目の「{value}」は、ほかのような日付ではありません。"
        "直すか、空にしてください。"
    ),
    "Column {name!r}, row {row}: {value!r} is not one of {kind}, as the others are. Correct it, or "
    "leave it empty.": (
        "「{name}」列の {row} 行目の「{value}」は、ほかのような{kind}ではありません。"
        "直すか、空にしてください。"
    ),
    "Column {name!r}, row {row}: {value!r} has no time zone, but the dates in training had one. "
    "Add it, as in 2026-03-31 09:00+09:00.": (
        "「{name}」列の {row} 行目の「{value}」にはタイムゾーンがありませんが、学習データの日付にはありました。"
        "2026-03-31 09:00+09:00 のように付けてください。"
    ),
    "Column {name!r}, row {row}: {value!r} has a time zone, but the dates in training had none. "
    "Convert it to their zone, and leave the zone out.": (
        "「{name}」列の {row} 行目の「{value}」にはタイムゾーンがありますが、学習データの日付にはありませんでした。"
        "学習データの時刻に直し、タイムゾーンを除いてください。"
    ),
    "Column {name!r}: {value!r} in row {row} has a time zone, but {other!r} in row {other_row} "
    "does not. Write it in all rows, or in none.": (
        "「{name}」列の {row} 行目の「{value}」にはタイムゾーンがありますが、"
        "{other_row} 行目の「{other}」にはありません。すべての行に書くか、どの行にも書かないでください。"
    ),
    "Column {name!r} holds values of type {type}, but must hold {kind}.": (
        "「{name}」列は{kind}でなければなりませんが、値の型は {type} です。"
    ),
    "Column {name!r}: {value!r} is read as {date} ({order}); it could also be {other_date} "
    "({other}).": (
        "「{name}」列の「{value}」は {date} ({order}) と読みます。"
        "{other_date} ({other}) とも読めます。"
    ),
    "Column {name!r}: {value!r} is read as {date} ({order}), {why}; it could also be {other_date} "
    "({other}). Write the year first to be sure.": (
        "「{name}」列の「{value}」は {date} ({order}) と読みます ({why})。"
        "{other_date} ({other}) とも読めます。年を先に書けば確実です。"
    ),
    "Column {name!r}: {value!r} is read as {date}: years of two digits from {pivot} on are 19.., "
    "and those before it 20...": (
        "「{name}」列の「{value}」は {date} と読みます。2 桁の年は、{pivot} 以上を 1900 年代、"
        "それより小さければ 2000 年代とします。"
    ),
    "Column {name!r}: the digits {value!r} are read as the date {date}, because of the name or the "
    "declared type of the column.": (
        "「{name}」列の数字「{value}」は、列の名前または指定された型から、日付 {date} と読みます。"
    ),
    "Rows can't be ordered by {name!r}: {value!r} may be ({order}) or ({other}). Write the year "
    "first, as in 2026-03-31.": (
        "「{name}」列の「{value}」は ({order}) とも ({other}) とも読めるため、行を順に並べられません。"
        "2026-03-31 のように年を先に書いてください。"
    ),
    "Column {name!r}: {numbers} mean that the date is missing ({n} rows).": (
        "「{name}」列の {numbers} は、日付がないことを表します ({n} 行)。"
    ),
    "because all dates are first days of months then": "すべてが月の初日になるため",
    "because the dates lie closer together then": "日付どうしが近くなるため",
    "though nothing in the column decides": "列の中に決め手はありません",
    "Column {name!r}: {n} dates such as {date} lie far from all others; they count as very early "
    "or very late, and do not change the scale of the others.": (
        "「{name}」列の {date} など {n} 個の日付は、ほかから大きく離れています。"
        "非常に早い、または遅い日付として扱い、ほかの日付の尺度には影響しません。"
    ),
    "Column {name!r}, row {row}: {value!r} is no date ({order}), as the others are. Correct it, or "
    "leave it empty.": (
        "「{name}」列の {row} 行目の「{value}」は、ほかのような日付 ({order}) ではありません。"
        "直すか、空にしてください。"
    ),
    "{name} missing": "{name} (欠損)",
    "{name} rare": "{name} (まれな水準)",
    "{name} order": "{name} (順序)",
    "{name} sin year": "{name} sin (年)",
    "{name} cos year": "{name} cos (年)",
    "{name} sin week": "{name} sin (週)",
    "{name} cos week": "{name} cos (週)",
    "{name} sin day": "{name} sin (日)",
    "{name} cos day": "{name} cos (日)",
    # how the values of a column are read
    "Column {name!r}: {value!r} is read as {number:.15g}, with {mark!r} as the decimal mark.": "「{name}」列の「{value}」は、「{mark}」を小数点として {number:.15g} と読みます。",
    "Column {name!r}: {words} in row {row} means that the value is missing.": (
        "「{name}」列の {row} 行目の {words} は、欠損値とみなします。"
    ),
    "Column {name!r}: {words} in {n} rows, first in row {row}, means that the value is missing.": (
        "「{name}」列の {words} ({n} 行、最初は {row} 行目) は、欠損値とみなします。"
    ),
    "Column {name!r} is in {unit}: numbers without a unit, such as {value!r} in row {row}, are "
    "read in {unit} too.": (
        "「{name}」列の単位は {unit} です。{row} 行目の「{value}」のように単位のない数値も、同じ単位とみなします。"
    ),
    "Column {name!r} holds codes such as {value!r}, whose leading zeros would be lost in numbers: "
    "it is read as categorical.": (
        "「{name}」列には「{value}」のように 0 で始まる番号があり、数値にすると先頭の 0 が失われるので、"
        "カテゴリとして扱います。"
    ),
    "The same holds for {n} more: {names}.": "ほかの {n} 列 ({names}) も同様です。",
    "number": "数値",
    "Column {name!r}, row {row}: {value!r} is not a {kind}, but the others are. Correct it, or "
    "leave it empty.": (
        "「{name}」列の {row} 行目の「{value}」は{kind}ではありませんが、ほかの値は{kind}です。"
        "直すか、空にしてください。"
    ),
    "Column {name!r}, row {row}: {value!r} is not a {kind}, nor are {more} more values, but the "
    "others are. Correct them, or leave them empty.": (
        "「{name}」列の {row} 行目の「{value}」は{kind}ではありません。ほかに {more} 個あります。"
        "残りはすべて{kind}です。直すか、空にしてください。"
    ),
    "Column {name!r}, row {row}: {value!r} is neither true nor false, but the others are. Correct "
    "it, or leave it empty.": (
        "「{name}」列の {row} 行目の「{value}」は真偽値ではありませんが、ほかの値は真偽値です。"
        "直すか、空にしてください。"
    ),
    "Column {name!r}, row {row}: {value!r} can be read in two ways, since no such mark separated "
    "thousands when the model was trained. Write it without thousands separator.": (
        "「{name}」列の {row} 行目の「{value}」は 2 通りに読めます。学習したときの値には、"
        "この桁区切りがなかったためです。桁区切りなしで書いてください。"
    ),
    "Column {name!r}, row {row}: {value!r} has another unit than the column, which is in {unit}. "
    "Convert it.": (
        "「{name}」列の {row} 行目の「{value}」は、列の単位 {unit} と異なる単位です。換算してください。"
    ),
    "Column {name!r}, row {row}: {value!r} has a unit, but the numbers of this column had none. "
    "Write the number alone, in the unit of the others.": (
        "「{name}」列の {row} 行目の「{value}」には単位がありますが、この列の数値には単位がありませんでした。"
        "ほかの値と同じ単位で、数値だけを書いてください。"
    ),
    "Column {name!r}, row {row}: {value!r} lacks the sign {unit}, which the others have: 50{unit} "
    "can be meant by 50 and by 0.5. Write it with the sign.": (
        "「{name}」列の {row} 行目の「{value}」には、ほかの値にある {unit} がありません。"
        "50{unit} は 50 とも 0.5 とも書かれるので、{unit} を付けて書いてください。"
    ),
    "Column {name!r} has decimal points and decimal commas: {first!r} in row {row}, {second!r} in "
    "row {other_row}. Write all numbers in one way.": (
        "「{name}」列では、小数点にピリオドとコンマが混在しています ({row} 行目の「{first}」、"
        "{other_row} 行目の「{second}」)。どちらかにそろえてください。"
    ),
    "Column {name!r} has several units: {first!r} in row {row}, {second!r} in row {other_row}. "
    "Convert them to one, or declare the column categorical.": (
        "「{name}」列には異なる単位が混在しています ({row} 行目の「{first}」、{other_row} 行目の「{second}」)。"
        "1 つの単位に換算するか、カテゴリの列だと指定してください。"
    ),
    "There is no column {name!r} that could be {kind}.{hint}": (
        "{kind} と指定された「{name}」という列はありません。{hint}"
    ),
    " Did you mean {near!r}?": "「{near}」のことですか。",
    "Column {name!r} can't be {kind!r}: choose one of {kinds}.": (
        "「{name}」列の種類に「{kind}」は指定できません。{kinds} から選んでください。"
    ),
    "There is no type of column {kind!r}.": "「{kind}」という列の種類はありません。",
    "Numbers can't have the marks {decimal!r} and {grouping!r}.": (
        "数値の小数点と桁区切りを「{decimal}」と「{grouping}」にはできません。"
    ),
    "A date lies outside of the calendar.": "暦の範囲にない日付があります。",
    "A range of dates ends before it begins.": "日付の範囲の終わりが始まりより前です。",
    "A time of day lies outside of the day.": "1 日の範囲にない時刻があります。",
    "Quantiles of a column do not rise, or are too few.": (
        "列の分位点が昇順でないか、少なすぎます。"
    ),
    "There are no levels that could be in order.": "順序のある水準がありません。",
    "There are no statistics {statistics!r}.": "「{statistics}」という統計量はありません。",
    "There is no order of dates {order!r}.": "「{order}」という日付の順序はありません。",
    "A level of an ordered category is there twice.": "順序のあるカテゴリに、同じ水準が 2 つあります。",
    "{source!r}: {error}": "「{source}」の内容: {error}",
    "There is no column to learn from: {columns}{more}.": (
        "学習に使える列がありません: {columns}{more}。"
    ),
    # targets, groups, times and validation data passed in Python
    "{name} must be one column, but has the shape {shape}.": (
        "{name} は 1 列でなければなりませんが、形状が {shape} です。"
    ),
    "{name} lacks {n} of {total} values, the first in row {row}: leave those rows out.": (
        "{name} は {total} 個の値のうち {n} 個が欠損しています (最初は {row} 行目)。"
        "その行を除いてください。"
    ),
    "{name} has {n} values, but X has {n_rows} rows.": (
        "{name} の値は {n} 個ですが、X は {n_rows} 行です。"
    ),
    "{name} holds dates, and not numbers: predict the days since one of them.": (
        "{name} は数値ではなく日付です。ある日からの日数を予測してください。"
    ),
    "{name}, row {row}: {value!r} is not a number: classes are for a classifier, and rows without "
    "a number ({n} in all) must be left out.": (
        "{name} の {row} 行目の「{value}」は数値ではありません。クラスの予測には分類器を使い、"
        "数値のない行 (全部で {n} 行) は除いてください。"
    ),
    "The target of row {row} is {value:.4g}, but half of them lie between {low:.4g} and "
    "{high:.4g}: correct it, leave the row out, or predict the logarithm.": (
        "{row} 行目の目的変数は {value:.4g} ですが、半数の行では {low:.4g} から {high:.4g} の間です。"
        "値を直すか、その行を除くか、対数を予測してください。"
    ),
    "y holds infinity or NaN, which is no class: leave those rows out.": (
        "y に無限大か NaN があります。クラスではないので、その行を除いてください。"
    ),
    "y has several columns that are not all 0 or 1 (multiclass-multioutput): fit one classifier "
    "for each column, for example with MultiOutputClassifier.": (
        "y に 0 と 1 以外の値を持つ列が複数あります (multiclass-multioutput)。MultiOutputClassifier "
        "などで、列ごとに分類器を学習してください。"
    ),
    "`{name}` has {n} columns, but the network has {n_outputs} outputs.": (
        "`{name}` は {n} 列ですが、ネットワークの出力は {n_outputs} 個です。"
    ),
    "loss='poisson' is for counts, but `{name}` holds a negative value: {value}.": (
        "loss='poisson' は計数データ用ですが、`{name}` に負の値 {value} があります。"
    ),
    "The data contains only one class, {label!r}: a classifier needs at least two classes.": (
        "クラスが「{label}」しかありません。分類には 2 つ以上のクラスが必要です。"
    ),
    "Column {name!r} holds values of type {kind} in X, but of type {other} in X_val: give both the "
    "same type.": (
        "「{name}」列の型が X では {kind}、X_val では {other} です。同じ型にそろえてください。"
    ),
    "X_val has columns of other types than X: give both the same.": (
        "X_val の列の型が X と異なります。同じ型にそろえてください。"
    ),
    # what is odd about a table
    "1 duplicate row: it may be in the training set and in the test set.": (
        "重複した行が 1 行あります。学習データとテストデータの両方に入るかもしれません。"
    ),
    "{n} duplicate rows: they may be in the training set and in the test set.": (
        "重複した行が {n} 行あります。学習データとテストデータの両方に入るかもしれません。"
    ),
    "{n} of {total} rows are dropped: the target {target!r} is missing.": (
        "{total} 行のうち {n} 行は、目的変数「{target}」が欠損しているので除外します。"
    ),
    "{n} of {total} rows are dropped: the target {target!r} is missing or {words}.": (
        "{total} 行のうち {n} 行は、目的変数「{target}」が欠損しているか {words} なので除外します。"
    ),
    "{target!r} has {n} classes; {share:.1%} of the rows are of the majority class.": (
        "「{target}」には {n} 個のクラスがあり、最頻クラスの割合は {share:.1%} です。"
    ),
    "{target!r} has only one class: a classifier needs two.": (
        "「{target}」のクラスは 1 つだけです。分類には 2 つ以上必要です。"
    ),
    "{target!r} is numeric, from {low:.6g} to {high:.6g}, mean {mean:.6g}.": (
        "「{target}」は {low:.6g} から {high:.6g} までの数値で、平均は {mean:.6g} です。"
    ),
    "The rows are sorted by {target!r}. Training shuffles them, but a file that is cut off lacks the "
    "last classes or values.": (
        "行が「{target}」の順に並んでいます。学習のときは順序を混ぜますが、ファイルが途中で切れていると、"
        "最後のほうのクラスや値が失われています。"
    ),
    "{name!r} alone nearly determines {target!r}: is it known at prediction time?": (
        "「{name}」だけで「{target}」がほぼ決まります。予測するときにも分かっている列ですか。"
    ),
    "{name!r} is missing in more than half of the rows.": "「{name}」は、半分を超える行で欠けています。",
    "{target!r}: {signs} is a class. Leave the target empty where it is missing.": (
        "「{target}」の {signs} はクラスとみなします。値がない行では空にしてください。"
    ),
    "Column {name!r}, row {row}: {value!r} is none of the classes, which are whole numbers. "
    "Correct it, or leave it empty.": (
        "「{name}」列の {row} 行目の「{value}」は、どのクラスでもありません。クラスは整数です。"
        "直すか、空にしてください。"
    ),
    "Class {name!r} has only {n} rows.": "クラス「{name}」は {n} 行しかありません。",
    # tables that can't be read
    "{name!r} has no columns.": "「{name}」には列がありません。",
    "{name!r} is empty: a table needs a header and rows.": "「{name}」は空です。表には、見出しと行が必要です。",
    "{name!r} is no text table: save it as CSV first.": (
        "「{name}」は文字で書かれた表ではありません。CSV で保存し直してください。"
    ),
    "{name!r} is no text: save the table as CSV first.": (
        "「{name}」は文字のファイルではありません。表を CSV で保存し直してください。"
    ),
    "{name!r} is a JSON list: write one object on each line instead.": (
        "「{name}」は JSON の配列です。1 行に 1 つずつオブジェクトを書いてください。"
    ),
    "There is no file {name!r}: {hint}": "「{name}」というファイルはありません。{hint}",
    "did you mean {near!r}?": "「{near}」のことですか。",
    "check its path.": "場所を確かめてください。",
    "in memory": "メモリー上で",
    "from disk": "ディスクから読みながら",
    "{data}: about {n} rows, which take {need} of memory; {free} are free. Training {how}.": "{data}: 約 {n} 行。必要なメモリーは {need}、空きは {free} です。{how}学習します。",
    "{n} files": "{n} 個のファイル",
    "{data!r} does not fit into memory, which {option} needs: leave it out, or train on fewer files.": "「{data}」はメモリーに収まりませんが、{option} にはそれが必要です。{option} を外すか、ファイルを減らしてください。",
    "This is a random sample of the {n} rows, which do not fit into memory.": "全 {n} 行はメモリーに収まらないので、無作為に選んだ行だけを調べました。",
    "There is no file in {name!r} to read a table from.": "「{name}」には、表として読めるファイルがありません。",
    "{file!r} has no column {column!r}, which {other!r} has: give all files the same columns.": "「{file}」には、「{other}」にある列「{column}」がありません。すべてのファイルの列をそろえてください。",
    "Column {column!r} holds values of type {kind} in {file!r}, but of type {expected} in {other!r}: give it the same type in all files.": "列「{column}」の型が、「{file}」では {kind}、「{other}」では {expected} です。すべてのファイルで型をそろえてください。",
    "{file}: {note}": "ファイル {file}: {note}",
    "{n} files: {read_as}": "{n} 個のファイル: {read_as}",
    "{file!r} has changed while it was being read: it had {n} rows, and now has {m}. Try again when nothing writes to it.": "「{file}」は読んでいる間に変わりました ({n} 行から {m} 行)。書き込みが終わってから、もう一度実行してください。",
    "{name!r} has more than {n} rows: train on a part of its files.": "「{name}」の行数は {n} を超えています。ファイルの一部で学習してください。",
    "{name!r} has no rows.": "「{name}」には行がありません。",
    "{name!r} has too few rows.": "「{name}」の行が足りません。",
    "The target {target!r} has more than {n} different values, too many for classes: choose another column.": "目的変数「{target}」の値は {n} 種類を超えていて、クラスには多すぎます。別の列を選んでください。",
    "{name!r} is a folder: name a file in it.": "「{name}」はフォルダーです。中のファイルを指定してください。",
    "{name!r} can't be read: {why}.": "「{name}」を読み込めません ({why})。",
    "{name!r} is {what} with {n} files in it: save one table as CSV.": (
        "「{name}」は、中に {n} 個のファイルがある{what}です。表を 1 つ、CSV で保存し直してください。"
    ),
    "an Excel workbook": " Excel ブック",
    "an archive": "圧縮ファイル",
    "{encoding!r} is no encoding: try utf-8, utf-16, cp932 or cp1252.": (
        "「{encoding}」という文字コードはありません。utf-8、utf-16、cp932、cp1252 などを試してください。"
    ),
    "{name!r} is damaged: it begins as {kind}, but can't be read on. Write it anew.": (
        "「{name}」は壊れています。{kind} として始まりますが、続きを読み込めません。書き出し直してください。"
    ),
    "{name!r} is damaged in the column {column!r}: its data are cut off or wrong, or it holds text "
    "that is not UTF-8. Write the file anew.": (
        "「{name}」は「{column}」列が壊れています。データが途中で切れているか誤っているか、"
        "UTF-8 ではない文字列があります。書き出し直してください。"
    ),
    "{name!r} is damaged: it can't be decompressed to its end. Get it anew.": (
        "「{name}」は壊れていて、最後まで展開できません。ファイルを入手し直してください。"
    ),
    "{name!r}, column {column!r}, row {row}: the text {text} is not UTF-8. Write the file anew from "
    "text that was decoded right.": (
        "「{name}」の「{column}」列、{row} 行目の文字列 {text} は UTF-8 ではありません。"
        "文字コードを正しく変換してから、ファイルを書き出し直してください。"
    ),
    "{name!r} can't be read as JSON lines. Write one object on each line, each name once, as in "
    "{example}.": (
        "「{name}」は JSON Lines として読み込めません。{example} のように、1 行に 1 つのオブジェクトを書き、"
        "同じ名前は 1 度だけ使ってください。"
    ),
    "{name!r}, line {line}: a text is never closed with a quote.": (
        "「{name}」の {line} 行目の文字列が引用符で閉じられていません。"
    ),
    "{name!r}, line {line}: lists or objects lie more than {n} deep within each other. A table has "
    "one value in each field.": (
        "「{name}」の {line} 行目で、配列やオブジェクトが {n} 段より深く入れ子になっています。"
        "表の 1 つの項目に入るのは 1 つの値です。"
    ),
    "{name!r}, line {line}: {text!r} is no JSON object. Write one object on each line, as in "
    "{example}.": (
        "「{name}」の {line} 行目「{text}」は JSON のオブジェクトではありません。"
        "{example} のように、1 行に 1 つのオブジェクトを書いてください。"
    ),
    "{name!r}, line {line}, column {column!r}: {value!r} is not of the kind of the values before "
    "it. Make all values of a column of one kind.": (
        "「{name}」の {line} 行目、「{column}」列の「{value}」は、それまでの値と種類が違います。"
        "列の値の種類をそろえてください。"
    ),
    "{name!r} is UTF-8, but holds bytes that are not ({n} in all, the first in line {line}: "
    "{byte}). They are read as {sign}.": (
        "「{name}」は UTF-8 ですが、UTF-8 ではない部分が {n} か所あります "
        "(最初は {line} 行目のバイト {byte})。それらは {sign} として読み込みます。"
    ),
    "{name!r} is not UTF-8: it is read as {encoding}, with words such as {text!r}. Name the "
    "encoding with --encoding if that is wrong.": (
        "「{name}」は UTF-8 ではないので、{encoding} として読み込みます (例: 「{text}」)。"
        "違っていたら、UTF-8 で保存し直してください。"
    ),
    "{name!r} is not UTF-8: it is read as {encoding}, with words such as {text!r}. It may also be "
    "{other}, with {other_text!r}: name the encoding with --encoding if that is right.": (
        "「{name}」は UTF-8 ではないので、{encoding} として読み込みます (例: 「{text}」)。"
        "{other} かもしれません (例: 「{other_text}」)。その場合は、UTF-8 で保存し直してください。"
    ),
    "{name!r}, line {line}: there is a NUL byte, which no text holds. Remove it: the file has "
    "{n}.": (
        "「{name}」の {line} 行目に、テキストにはないはずの NUL バイトがあります "
        "(全部で {n} 個)。取り除いてください。"
    ),
    "{name!r} is not {encoding}: line {line} holds the byte {byte}. Save it anew as UTF-8.": (
        "「{name}」は {encoding} ではありません ({line} 行目にバイト {byte} があります)。"
        "UTF-8 で保存し直してください。"
    ),
    "{name!r} is not {encoding}: line {line} holds the byte {byte}. Leave out --encoding to have "
    "it found.": (
        "「{name}」は {encoding} ではありません ({line} 行目にバイト {byte} があります)。"
        "--encoding を付けなければ、文字コードを自動で判別します。"
    ),
    "{name!r} is not UTF-8 (line {line} holds the byte {byte}), and its encoding was not "
    "recognized: name it with --encoding.": (
        "「{name}」は UTF-8 ではなく ({line} 行目にバイト {byte} があります)、文字コードを判別できません。"
        "UTF-8 で保存し直してください。"
    ),
    "{name!r} is a mixture: line {line} holds the byte {byte}, which is not UTF-8, but other lines "
    "are. Save it anew as UTF-8.": (
        "「{name}」には文字コードが混ざっています。{line} 行目のバイト {byte} は UTF-8 ではありませんが、"
        "ほかの行は UTF-8 です。UTF-8 で保存し直してください。"
    ),
    "{name!r} seems to have no header: its first row holds {value!r} more than once. Put a row "
    "with the names of the columns before it.": (
        "「{name}」には見出しがないようです (最初の行に「{value}」がいくつもあります)。"
        "列名の行を先頭に加えてください。"
    ),
    "{name!r}: line {line} is read as the header, and the lines before it are skipped, such as "
    "{text!r}. --skip-rows sets the number of lines to skip.": (
        "「{name}」の見出しは {line} 行目とし、それより前の行 (「{text}」など) は読み飛ばします。"
    ),
    "{name!r}: the first row is read as the header, though it holds numbers such as {value!r}. If "
    "it is a row of values, put a header before it.": (
        "「{name}」の最初の行には「{value}」のような数値がありますが、見出しとみなします。"
        "値の行なら、その前に列名の行を加えてください。"
    ),
    "{name!r} is locked with a password: unpack it first.": (
        "「{name}」はパスワードで保護されています。先に展開してください。"
    ),
    "{name!r} is a device: name a file.": "「{name}」はデバイスです。ファイルを指定してください。",
    "CSV with {mark!r}, {encoding}": "CSV (区切り文字は「{mark}」)、{encoding}",
    "{name!r} has a header but no rows.": "「{name}」には見出しだけがあり、行がありません。",
    "{name!r} has a row of more than 2 GB: is a quote never closed?": (
        "「{name}」に 2 GB を超える行があります。引用符が閉じていないかもしれません。"
    ),
    "{name!r} has a quote that is never closed, before {text!r}.": (
        "「{name}」には、閉じていない引用符があります (「{text}」の前)。"
    ),
    "{name!r}, row {row}: {n} fields, but the header has {wanted}: {text!r}. Is the delimiter "
    "{mark!r}, or a quote missing?": (
        "「{name}」の {row} 行目には項目が {n} 個ありますが、見出しは {wanted} 個です (「{text}」)。"
        "区切り文字は「{mark}」ですか。引用符が抜けていませんか。"
    ),
    "{name!r} has several columns called {column!r}: rename them.": (
        "「{name}」には「{column}」という列がいくつもあります。名前を変えてください。"
    ),
    # columns that do not suit
    "{source!r} has no column {name!r}: {hint}": "「{source}」には「{name}」という列がありません。{hint}",
    "is it {near!r}? Rename it.": "「{near}」のことなら、名前を変えてください。",
    "the model was trained with it.": "モデルは、この列も使って学習しました。",
    "there are {names}.": "あるのは {names} です。",
    "Column {name!r}, row {row}: a number is infinite. Correct it, or leave it empty.": (
        "「{name}」列の {row} 行目の数値が無限大です。直すか、空にしてください。"
    ),
    "Column {name!r} holds values of type {kind}, but must be texts.": (
        "「{name}」列は文字でなければなりませんが、値の型は {kind} です。"
    ),
    "Column {name!r} holds values of type {kind}, but must be numbers.": (
        "「{name}」列は数値でなければなりませんが、値の型は {kind} です。"
    ),
    "Which column of {data!r} is the target? Name it with --target: {names}.": (
        "「{data}」のどの列を予測しますか。--target で指定してください: {names}"
    ),
    "The target {name!r} is empty: choose another column.": (
        "予測する列「{name}」は空です。ほかの列を選んでください。"
    ),
    "The target {name!r} holds {kind}: choose classes or numbers.": (
        "予測する列「{name}」の型は {kind} です。クラスか数値の列を選んでください。"
    ),
    "The target {name!r} holds texts such as {value!r}: they can only be classes. Leave out "
    "--task regress.": (
        "予測する列「{name}」には「{value}」のような文字列があり、クラスとしてしか扱えません。"
    ),
    "The target {target!r} is {value} in all rows: choose another column.": (
        "目的変数「{target}」は、すべての行で {value} です。ほかの列を選んでください。"
    ),
    "{target!r} has a class of its own in nearly every row: choose another column.": (
        "「{target}」は、ほとんどの行でクラスが異なります。ほかの列を選んでください。"
    ),
    "{n} rows are too few to hold out {share:g} of them for {what}: both sides of the split need "
    "rows.": (
        "{n} 行では少なすぎて、{share:g} の割合を{what}に取り分けられません。どちらにも行が必要です。"
    ),
    "measuring": "検証用",
    "All rows are in one group: choose another column than {groups!r}.": (
        "どの行も同じグループです。「{groups}」ではない列を選んでください。"
    ),
    "Rows can't be ordered by {order!r}, which holds texts such as {example!r}: choose a column "
    "of dates or numbers.": (
        "「{order}」は「{example}」のような文字列の列なので、行を並べられません。日付か数値の列を選んでください。"
    ),
    "All rows have the same time: none can be held out for {what}.": (
        "ほかより早い行がなく、{what}に取り分けられません。"
    ),
    "There is no column to learn from: all are empty or constant.": (
        "学習に使える列がありません。どの列も空か定数です。"
    ),
    "Column {name!r} can't be used as it is, since it does not hold a number in every row: "
    "standardize the inputs.": (
        "「{name}」列には数値でない行があるので、そのままでは使えません。「入力を標準化する」に印を付けてください。"
    ),
    "{n} inputs are too many for the lab, which takes {most}: use `jubako train`, or leave columns "
    "out.": (
        "入力が {n} 個あります。ラボで扱えるのは {most} 個までです。列を減らすか、jubako train を使ってください。"
    ),
    "Your own table is not here: drop its file on the page.": (
        "自分の表がありません。ファイルをページにドロップしてください。"
    ),
    "There is no data {name!r}: choose other data, or drop a file.": (
        "「{name}」というデータはありません。ほかのデータを選ぶか、ファイルをドロップしてください。"
    ),
    "{name!r} takes more than {n} seconds to read.": "「{name}」の読み込みに {n} 秒以上かかります。",
    "{name!r} can't be read here: it may need too much memory.": (
        "「{name}」を読み込めません。メモリーが足りないのかもしれません。"
    ),
    "{name!r} has {n} columns: the lab takes {most} at most.": (
        "「{name}」には列が {n} 個あります。ラボで扱えるのは {most} 個までです。"
    ),
    # numbers and choices
    "{text!r} is not a number such as 0.5 or 0,5.": "「{text}」は、0.5 や 0,5 のような数ではありません。",
    "A weight can't be {value}.": "重みを {value} にはできません。",
    "The {name} is {value:g}, but must be between {low:g} and {high:g}.": (
        "{name}が {value:g} ですが、{low:g} から {high:g} まででなければなりません。"
    ),
    "There is no {name} {value!r}: choose {words}.": (
        "{name}に「{value}」はありません。{words} から選んでください。"
    ),
    "noise": "ノイズ",
    "held-out fraction": "検証データの割合",
    "dropout": "ドロップアウト",
    "momentum": "モメンタム",
    "learning rate": "学習率",
    "batch size": "バッチサイズ",
    "L2 penalty": "L2 正則化の強さ",
    "seed": "乱数シード",
    "number of epochs": "エポック数",
    "initializer": "重みの初期値",
    "optimizer": "最適化手法",
    "loss": "損失関数",
    "{n} hidden layers are too many: {most} at most.": "隠れ層が {n} 層あります。{most} 層までです。",
    "A layer of {n} units: it must have between 1 and {most}.": (
        "1 つの層のユニットは 1 個から {most} 個までです ({n} 個になっています)。"
    ),
    "There is no activation {name!r}.": "「{name}」という活性化関数はありません。",
    "Only {names} can be hidden.": "隠せるのは {names} だけです。",
    "The loss {loss!r} is for regression, but {target!r} has classes: choose cross_entropy or "
    "squared_error.": (
        "損失関数 {loss} は回帰用ですが、「{target}」はクラスです。cross_entropy か squared_error を選んでください。"
    ),
    "The loss 'cross_entropy' is for classification, but {target!r} is a number: choose squared_error.": (
        "損失関数 cross_entropy は分類用ですが、「{target}」は数値です。squared_error を選んでください。"
    ),
    "{words} without quotes is read as missing in {columns}: {n} values in all, the first in row "
    "{row}. In quotes it would be text.": (
        "{columns} 列の引用符のない {words} は欠損値として読みました (全部で {n} 個、最初は {row} 行目)。"
        "引用符で囲むと文字列になります。"
    ),
    # addresses and lab files
    "The address holds no setup: {why}": "アドレスから設定を読み取れません。{why}",
    "it is too long.": "長すぎます。",
    "it was altered or cut off.": "書き換えられたか、途中で切れています。",
    "A setup is an object with names and values.": "設定は、名前と値の組でなければなりません。",
    "A setup has no {name!r}.": "「{name}」という設定はありません。",
    "A setup can't have {value!r} as its {name}.": "設定 {name} を「{value}」にはできません。",
    "This lab file can't be used: {why}": "このラボのファイルは使えません。{why}",
    "its format is {given!r}, but this lab reads {known}.": (
        "形式 {given} のファイルですが、このラボが読めるのは形式 {known} です。"
    ),
    "it is damaged.": "壊れています。",
    "its order of rows is no permutation.": "行の順序が正しくありません。",
    "its number of steps does not fit its position in the epoch.": "ステップ数とエポック内の位置が合いません。",
    "it has no learning curve.": "学習曲線がありません。",
    "an array has the shape {given} instead of {shape}.": (
        "配列の形が {shape} ではなく {given} です。"
    ),
    # run folders and workers
    "The run folder can't be read any more: {error} ({path!r}).": (
        "run フォルダーを読み込めなくなりました: {error} (「{path}」)。"
    ),
    "The run folder {path!r} can't be written: {error}. Choose another folder, or free some space; what is finished in it stays valid.": (
        "実行フォルダ「{path}」に書き込めません（{error}）。別のフォルダを選ぶか、空き容量を増やしてください。完了した結果はそのまま使えます。"
    ),
    "The folder {path!r} holds other files ({file!r}) and no run: choose a new folder.": (
        "フォルダ「{path}」には別のファイル（{file}）があり、実行フォルダではありません。新しいフォルダを選んでください。"
    ),
    "The run folder {path!r} is in use by another command: wait until that has ended, or choose another folder.": (
        "実行フォルダ「{path}」は別のコマンドが使用中です。その終了を待つか、別のフォルダを選んでください。"
    ),
    "The run folder {path!r} holds another search, which differs in {names}: give the same again, or choose another folder.": (
        "実行フォルダ「{path}」には別の探索があります（{names} が異なります）。同じ指定にするか、別のフォルダを選んでください。"
    ),
    "There is no run in {path!r}: `jubako train ... --run {path}` begins one.": (
        "「{path}」は実行フォルダではありません。`jubako train ... --run {path}` で探索を始められます。"
    ),
    "The run in {path!r} can't be read: {file} is damaged. Choose another folder.": (
        "実行フォルダ「{path}」を読めません。{file} が壊れています。別のフォルダを選んでください。"
    ),
    "{file!r} in the run folder is damaged: it is computed again.": (
        "実行フォルダの「{file}」が壊れているため、計算し直します。"
    ),
    "The worker on {host!r} has Jubako {other}, and the search runs with {version}: install the same version on all machines.": (
        "ワーカー「{host}」の Jubako は {other} ですが、探索は {version} です。すべてのマシンに同じバージョンをインストールしてください。"
    ),
    "The worker on {host!r} can't read the rows in {path!r}: choose a run folder (run_dir, --run) on a file system that all machines share.": (
        "ワーカー「{host}」から「{path}」の行を読めません。すべてのマシンが共有するファイルシステムに実行フォルダ（run_dir, --run）を置いてください。"
    ),
    "--cluster needs Dask: pip install 'jubako[cluster]'.": (
        "--cluster には Dask が必要です。pip install 'jubako[cluster]' を実行してください。"
    ),
    "No Dask scheduler answers at {address!r}: start `dask scheduler` there, or correct --cluster.": (
        "「{address}」の Dask スケジューラが応答しません。`dask scheduler` を起動するか、--cluster を直してください。"
    ),
    "The Dask cluster at {address!r} has no workers: start `dask worker {address}` on some machines.": (
        "「{address}」の Dask クラスタにワーカーがありません。マシンで `dask worker {address}` を起動してください。"
    ),
    "--cluster uses all workers that there are: leave out --jobs.": (
        "--cluster はすべてのワーカーを使います。--jobs を外してください。"
    ),
    "{done} of {total} candidates are finished.": "候補 {total} 個のうち {done} 個が完了しました。",
    "Candidate {number} is in training: epoch {epoch}, validation loss {loss}.": (
        "候補 {number} を学習中: エポック {epoch}、検証損失 {loss}。"
    ),
    "{n} candidates are refitted.": "候補 {n} 個を全データで再学習しました。",
    "About {n} s are left.": "残り約 {n} 秒です。",
    "No command is running: give the same command again to continue.": (
        "実行中のコマンドはありません。同じコマンドをもう一度実行すると再開します。"
    ),
    "validation\nloss": "検証\n損失",
    "The run folder could not be written after {n} candidates.": (
        "候補 {n} 個の後、実行フォルダに書き込めなくなりました。"
    ),
    "The same command again continues the run in {run}.": (
        "同じコマンドをもう一度実行すると、{run} の続きから再開します。"
    ),
    "{candidate}, {n} in training": "{candidate}、学習中 {n} 個",
    "the run folder could not be written": "実行フォルダに書き込めませんでした",
}
JAPANESE |= COMMAND_LINE
