"""Japanese texts: tables and targets (messages of `data`)."""

TEXTS = {
    # columns that are dropped
    "{kind}, target": "{kind}、目的変数",
    "{kind}, dropped: {reason}": "{kind}、除外 ({reason})",
    "not usable as it is": "このままでは使えません",
    "as declared": "指定による",
    "type {kind}": "{kind} 型",
    # declared types, and words for missing values
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
    "Column {name!r} has decimal points and decimal commas: {first!r} in row {row}, {second!r} in "
    "row {other_row}. Write all numbers in one way.": (
        "「{name}」列では、小数点の表記にピリオドとコンマが混在しています ({row} 行目の「{first}」、"
        "{other_row} 行目の「{second}」)。どちらかにそろえてください。"
    ),
    "Column {name!r} has several units: {first!r} in row {row}, {second!r} in row {other_row}. "
    "Convert them to one, or declare the column categorical.": (
        "「{name}」列には異なる単位が混在しています ({row} 行目の「{first}」、{other_row} 行目の「{second}」)。"
        "1 つの単位に換算するか、カテゴリの列だと指定してください。"
    ),
    "There is no column {name!r} that could be {kind}.{hint}": (
        "型を {kind} と指定した「{name}」という列はありません。{hint}"
    ),
    " Did you mean {near!r}?": "「{near}」のことですか。",
    "Column {name!r} can't be {kind!r}: choose one of {kinds}.": (
        "「{name}」列の型に「{kind}」は指定できません。{kinds} から選んでください。"
    ),
    "{source!r}: {error}": "「{source}」の内容: {error}",
    # targets, groups, times and validation data passed in Python
    "{name} must be one column, but has the shape {shape}.": (
        "{name} は 1 列でなければなりませんが、形状が {shape} です。"
    ),
    "{name} lacks {n} of {total} values, the first in row {row}: leave those rows out.": (
        "「{name}」の {total} 個の値のうち {n} 個が欠損しています (最初は {row} 行目)。"
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
    "y holds infinity or NaN, which is not a class: leave those rows out.": (
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
    # what `check` finds in a table
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
    "{name!r} is missing in more than half of the rows.": "「{name}」は、半数を超える行で欠損しています。",
    "{target!r}: {signs} is a class. Leave the target empty where it is missing.": (
        "「{target}」の {signs} はクラスとみなします。値がない行では空にしてください。"
    ),
    "Column {name!r}, row {row}: {value!r} is not one of the classes, which are integers. "
    "Correct it, or leave it empty.": (
        "「{name}」列の {row} 行目の「{value}」は、どのクラスでもありません。クラスは整数です。"
        "直すか、空にしてください。"
    ),
    "Class {name!r} has only {rows}.": "クラス「{name}」は {rows}しかありません。",
    # tables in files
    "{file!r} has changed while it was being read: it had {n} rows, and now has {m}. Try again when nothing writes to it.": "「{file}」は、読み込んでいる間に変更されました ({n} 行から {m} 行に)。書き込みが終わってから、もう一度実行してください。",
    "{name!r} has more than {n} rows: train on a part of its files.": "「{name}」の行数は {n} を超えています。ファイルの一部で学習してください。",
    "{name!r} has too few rows.": "「{name}」の行数が足りません。",
    "{data!r} has no column {name!r} for {option}: {hint}": (
        "{option} に指定した「{name}」という列は、「{data}」にありません。{hint}"
    ),
    "Column {name!r}, row {row}: {value} is not a weight. Weights must be numbers >= 0.": (
        "「{name}」列の {row} 行目: {value} は重みになりません。重みは 0 以上の数値です。"
    ),
    "All weights in column {name!r} are 0: nothing to learn from.": (
        "「{name}」列の重みがすべて 0 で、学習できません。"
    ),
    "Column {name!r}, row {row}: the value is missing, but the rows are split by it. Fill it in, or "
    "leave the row out.": (
        "「{name}」列の {row} 行目: 分割に使う値が欠損しています。値を入れるか、その行を除いてください。"
    ),
    "Column {column!r} has too few distinct values to hold out rows by it: choose another column.": (
        "「{column}」列の値の種類が少なすぎて、評価用の行を取り分けられません。別の列を選んでください。"
    ),
    # target, groups and times
    "{source!r} has no column {name!r}: {hint}": "「{source}」には「{name}」という列がありません。{hint}",
    "did you mean {near!r}? Rename it.": "「{near}」のことなら、名前を変えてください。",
    "the model was trained with it.": "モデルは、この列も使って学習しました。",
    "there are {names}.": "列は {names} です。",
    "Which column of {data!r} is the target? Name it with --target: {names}.": (
        "「{data}」のどの列を予測しますか。--target で指定してください: {names}"
    ),
    "The target {name!r} is empty: choose another column.": (
        "目的変数「{name}」には値がありません。ほかの列を選んでください。"
    ),
    "The target {name!r} holds {kind}: choose classes or numbers.": (
        "目的変数「{name}」の型は {kind} です。クラスか数値の列を選んでください。"
    ),
    "The target {name!r} holds texts such as {value!r}: they can only be classes. Leave out "
    "--task regress.": (
        "目的変数「{name}」には「{value}」のような文字列があり、クラスとしてしか扱えません。--task regress を外してください。"
    ),
    "{n} rows are too few to hold out {share:g} of them for {what}: both sides of the split need "
    "rows.": (
        "{n} 行では少なすぎて、{share:g} の割合を{what}に取り分けられません。どちらにも行が必要です。"
    ),
    "All rows are in one group: choose another column than {groups!r}.": (
        "すべての行が同じグループです。「{groups}」以外の列を選んでください。"
    ),
    "Rows can't be ordered by {order!r}, which holds texts such as {example!r}: choose a column "
    "of dates or numbers.": (
        "「{order}」は「{example}」のような文字列の列なので、行を並べられません。日付か数値の列を選んでください。"
    ),
    "All rows have the same time: none can be held out for {what}.": (
        "すべての行の時刻が同じなので、{what}に取り分けられません。"
    ),
    # the parts of a table
    "dropped: {reason}": "除外 ({reason})",
    "{rows} with a {name!r} that was not seen in training, such as {value!r}.": (
        "「{name}」が学習データになかった値 (「{value}」など) の行が、{rows}あります。"
    ),
}
