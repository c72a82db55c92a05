"""Japanese texts: columns that become numbers (messages of `data/columns`)."""

TEXTS = {
    # how columns are described, and their inputs
    "numeric": "数値",
    "numeric in {unit}": "数値 (単位 {unit})",
    "boolean": "真偽",
    "categorical": "カテゴリ",
    "duration": "所要時間",
    "duration in {unit}": "所要時間 (単位 {unit})",
    "{kind}, median {center:.4g}, IQR {scale:.4g}": (
        "{kind}、中央値 {center:.4g}、四分位範囲 {scale:.4g}"
    ),
    "{kind}, mean {center:.4g}, standard deviation {scale:.4g}": (
        "{kind}、平均 {center:.4g}、標準偏差 {scale:.4g}"
    ),
    "{kind}, {center:.4g} or missing": "{kind}、{center:.4g} または欠損",
    "categorical, 1 level: {shown}": "カテゴリ、1 水準: {shown}",
    "categorical, 1 level and rare ones: {shown}": "カテゴリ、1 水準とまれな水準: {shown}",
    "categorical, {n} levels: {shown}": "カテゴリ、{n} 水準: {shown}",
    "categorical, {n} levels and rare ones: {shown}": "カテゴリ、{n} 水準とまれな水準: {shown}",
    "discrete": "離散",
    "discrete, {n} values: {first:g} < ... < {last:g}": "離散、{n} 個の値: {first:g} < … < {last:g}",
    "Discrete values of a column do not rise, or are too large.": "列の離散値が昇順でないか、大きすぎます。",
    "ordinal": "順序",
    "ordinal, {n} levels: {first} < ... < {last}": "順序、{n} 水準: {first} < … < {last}",
    "empty": "値なし",
    "constant": "定数",
    "identifier": "識別子",
    "numbers too large": "数値が大きすぎる",
    "text, distinct in nearly every row": "ほとんどの行で異なるテキスト",
    "date and time": "日時",
    "{kind} in UTC": "{kind} (協定世界時)",
    "{kind}, {order}": "{kind} (順序: {order})",
    "{kind}, median {center}, range {first} to {last}": (
        "{kind}、中央値 {center}、範囲 {first} から {last} まで"
    ),
    "time of day, median {time}": "時刻、中央値 {time}",
    "days": "日",
    "h": "時間",
    "min": "分",
    "s": "秒",
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
    "{name} missing": "{name} (欠損)",
    "{name} rare": "{name} (まれな水準)",
    "{name} order": "{name} (順序)",
    "{name} sin year": "{name} sin (年)",
    "{name} cos year": "{name} cos (年)",
    "{name} sin week": "{name} sin (週)",
    "{name} cos week": "{name} cos (週)",
    "{name} sin day": "{name} sin (日)",
    "{name} cos day": "{name} cos (日)",
    # columns in a model file
    "A date lies outside of the calendar.": "暦の範囲にない日付があります。",
    "A range of dates ends before it begins.": "日付の範囲の終わりが始まりより前です。",
    "A time of day lies outside of the day.": "1 日の範囲にない時刻があります。",
    "Quantiles of a column do not rise, or are too few.": (
        "列の分位点が昇順でないか、少なすぎます。"
    ),
    "The counts do not fit the levels.": "件数が水準と合いません。",
    "There are no levels that could be in order.": "順序のある水準がありません。",
    "There are no statistics {statistics!r}.": "「{statistics}」という統計量はありません。",
}
