"""Japanese texts: the lab (messages of `lab`)."""

TEXTS = {
    # uploads and data
    "The target {target!r} is {value} in all rows: choose another column.": (
        "目的変数「{target}」は、すべての行で {value} です。ほかの列を選んでください。"
    ),
    "{target!r} has a class of its own in nearly every row: choose another column.": (
        "「{target}」は、ほとんどの行でクラスが異なります。ほかの列を選んでください。"
    ),
    "measuring": "検証用",
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
        "「{name}」を読み込めません。メモリが足りないのかもしれません。"
    ),
    "{name!r} has {n} columns: the lab takes {most} at most.": (
        "「{name}」には列が {n} 個あります。ラボで扱えるのは {most} 個までです。"
    ),
    # numbers and choices
    "A weight can't be {value}.": "重みを {value} にはできません。",
    "The {name} is {value:g}, but must be between {low:g} and {high:g}.": (
        "{name}が {value:g} ですが、{low:g} から {high:g} まででなければなりません。"
    ),
    "There is no {name} {value!r}: choose {words}.": (
        "{name}に「{value}」はありません。{words} から選んでください。"
    ),
    "noise": "ノイズ",
    "held-out fraction": "検証データの割合",
    "momentum": "モメンタム",
    "learning rate": "学習率",
    "batch size": "バッチサイズ",
    "L2 penalty": "L2 正則化の強さ",
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
    "its order of rows is not a permutation.": "行の順序が正しくありません。",
    "its number of steps does not fit its position in the epoch.": "ステップ数とエポック内の位置が合いません。",
    "it has no learning curve.": "学習曲線がありません。",
    "an array has the shape {given} instead of {shape}.": (
        "配列の形が {shape} ではなく {given} です。"
    ),
}
