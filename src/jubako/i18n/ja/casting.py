"""Japanese texts: how the values of a column are read (messages of `data/casting`)."""

TEXTS = {
    # dates
    "time of day": "時刻",
    "date": "日付",
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
    "training were not texts. Write the year first, as in 2026-03-31.": (
        "「{name}」列の {row} 行目の「{value}」は、学習データの日付が文字列ではなかったため、"
        "月が先か日が先か決められません。2026-03-31 のように年を先に書いてください。"
    ),
    "Column {name!r}, row {row}: {value!r} is not a date, but the others are. Correct it, or leave it "
    "empty.": (
        "「{name}」列の {row} 行目の「{value}」は、ほかのような日付ではありません。"
        "直すか、空にしてください。"
    ),
    "Column {name!r}, row {row}: {value!r} is not one of {kind}, but the others are. Correct it, or "
    "leave it empty.": (
        "「{name}」列の {row} 行目の「{value}」は、ほかのような{kind}ではありません。"
        "直すか、空にしてください。"
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
    "Column {name!r}: {numbers} mean that the date is missing ({rows}).": (
        "「{name}」列の {numbers} は、日付がないことを表します ({rows})。"
    ),
    "because all dates are first days of months then": "すべてが月の初日になるため",
    "because the dates lie closer together then": "日付どうしが近くなるため",
    "though nothing in the column decides": "列の中に決め手はありません",
    "Column {name!r}: {n} dates such as {date} lie far from all others; they count as very early "
    "or very late, and do not change the scale of the others.": (
        "「{name}」列の {date} など {n} 個の日付は、ほかから大きく離れています。"
        "非常に早い、または遅い日付として扱い、ほかの日付の尺度には影響しません。"
    ),
    "Column {name!r}, row {row}: {value!r} is not a date ({order}), but the others are. Correct it, or "
    "leave it empty.": (
        "「{name}」列の {row} 行目の「{value}」は、ほかのような日付 ({order}) ではありません。"
        "直すか、空にしてください。"
    ),
    # types, numbers and units
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
    "There is no type of column {kind!r}.": "「{kind}」という列の型はありません。",
    "Numbers can't have the marks {decimal!r} and {grouping!r}.": (
        "数値の小数点と桁区切りを「{decimal}」と「{grouping}」にはできません。"
    ),
    "There is no order of dates {order!r}.": "「{order}」という日付の順序はありません。",
    "A level of an ordered category appears twice.": "順序のあるカテゴリに、同じ水準が 2 つあります。",
    # values of typed columns
    "Column {name!r}, row {row}: a number is infinite. Correct it, or leave it empty.": (
        "「{name}」列の {row} 行目の数値が無限大です。直すか、空にしてください。"
    ),
    "Column {name!r} holds values of type {kind}, but must be texts.": (
        "「{name}」列は文字列でなければなりませんが、値の型は {kind} です。"
    ),
    "Column {name!r} holds values of type {kind}, but must be numbers.": (
        "「{name}」列は数値でなければなりませんが、値の型は {kind} です。"
    ),
    "{text!r} is not a number such as 0.5 or 0,5.": "「{text}」は、0.5 や 0,5 のような数ではありません。",
}
