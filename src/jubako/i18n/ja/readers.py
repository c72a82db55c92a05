"""Japanese texts: files that are read (messages of `data/readers`)."""

TEXTS = {
    # tables that can't be read
    "{name!r} has no columns.": "「{name}」には列がありません。",
    "{name!r} is empty: a table needs a header and rows.": "「{name}」は空です。表には、見出しと行が必要です。",
    "{name!r} is not a text table: save it as CSV first.": (
        "「{name}」はテキスト形式の表ではありません。CSV で保存し直してください。"
    ),
    "{name!r} is not text: save the table as CSV first.": (
        "「{name}」はテキストファイルではありません。表を CSV で保存し直してください。"
    ),
    "{name!r} is a JSON list: write one object on each line instead.": (
        "「{name}」は JSON の配列です。1 行に 1 つずつオブジェクトを書いてください。"
    ),
    "There is no file {name!r}: {hint}": "「{name}」というファイルはありません。{hint}",
    "did you mean {near!r}?": "「{near}」のことですか。",
    "check its path.": "パスを確認してください。",
    "There is no file in {name!r} to read a table from.": "「{name}」には、表として読めるファイルがありません。",
    "{file!r} has no column {column!r}, which {other!r} has: give all files the same columns.": "「{file}」には、「{other}」にある「{column}」列がありません。すべてのファイルの列をそろえてください。",
    "Column {column!r} holds values of type {kind} in {file!r}, but of type {expected} in {other!r}: give it the same type in all files.": "「{column}」列の型が、「{file}」では {kind}、「{other}」では {expected} です。すべてのファイルで型をそろえてください。",
    "{file}: {note}": "ファイル {file}: {note}",
    "{n} files: {read_as}": "{n} 個のファイル: {read_as}",
    "{name!r} has no rows.": "「{name}」には行がありません。",
    "{name!r} is a folder: name a file in it.": "「{name}」はフォルダです。中のファイルを指定してください。",
    "{name!r} can't be read: {why}.": "「{name}」を読み込めません ({why})。",
    "{name!r} is {what} with {n} files in it: save one table as CSV.": (
        "「{name}」は、中に {n} 個のファイルがある{what}です。表を 1 つ、CSV で保存し直してください。"
    ),
    "an Excel workbook": " Excel ブック",
    "an archive": "圧縮ファイル",
    "{encoding!r} is not a known encoding: try utf-8, utf-16, cp932 or cp1252.": (
        "「{encoding}」という文字コードはありません。utf-8、utf-16、cp932、cp1252 などを試してください。"
    ),
    "{name!r} is damaged: it begins as {kind}, but can't be read on. Write it again.": (
        "「{name}」は壊れています。{kind} として始まりますが、続きを読み込めません。書き出し直してください。"
    ),
    "{name!r} is damaged in the column {column!r}: its data are cut off or wrong, or it holds text "
    "that is not UTF-8. Write the file again.": (
        "「{name}」は「{column}」列が壊れています。データが途中で切れているか誤っているか、"
        "UTF-8 ではない文字列があります。書き出し直してください。"
    ),
    "{name!r} is damaged: it can't be decompressed to its end. Get it again.": (
        "「{name}」は壊れていて、最後まで展開できません。ファイルを入手し直してください。"
    ),
    "{name!r}, column {column!r}, row {row}: the text {text} is not UTF-8. Write the file again from "
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
    "{name!r}, line {line}: {text!r} is not a JSON object. Write one object on each line, as in "
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
        "違っていたら、--encoding で文字コードを指定してください。"
    ),
    "{name!r} is not UTF-8: it is read as {encoding}, with words such as {text!r}. It may also be "
    "{other}, with {other_text!r}: name the encoding with --encoding if that is right.": (
        "「{name}」は UTF-8 ではないので、{encoding} として読み込みます (例: 「{text}」)。"
        "{other} かもしれません (例: 「{other_text}」)。その場合は、--encoding で指定してください。"
    ),
    "{name!r}, line {line}: there is a NUL byte, which no text holds. Remove it: the file has "
    "{n}.": (
        "「{name}」の {line} 行目に、テキストにはないはずの NUL バイトがあります "
        "(全部で {n} 個)。取り除いてください。"
    ),
    "{name!r} is not {encoding}: line {line} holds the byte {byte}. Save it again as UTF-8.": (
        "「{name}」は {encoding} ではありません ({line} 行目にバイト {byte} があります)。"
        "UTF-8 で保存し直してください。"
    ),
    "{name!r} is not {encoding}: line {line} holds the byte {byte}. Name another encoding, or none "
    "to have it found.": (
        "「{name}」は {encoding} ではありません ({line} 行目にバイト {byte} があります)。"
        "別の文字コードを指定するか、指定せずに自動で判別させてください。"
    ),
    "{name!r} is not UTF-8 (line {line} holds the byte {byte}), and its encoding was not "
    "recognized: name the encoding, or save the text as UTF-8.": (
        "「{name}」は UTF-8 ではなく ({line} 行目にバイト {byte} があります)、文字コードを判別できません。"
        "文字コードを指定するか、UTF-8 で保存し直してください。"
    ),
    "{name!r} is a mixture: line {line} holds the byte {byte}, which is not UTF-8, but other lines "
    "are. Save it again as UTF-8.": (
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
        "「{name}」の見出しは {line} 行目とし、それより前の行 (「{text}」など) は読み飛ばします。読み飛ばす行数は --skip-rows で指定できます。"
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
    "CSV with {mark!r}, {encoding}": "区切り文字が「{mark}」の CSV、{encoding}",
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
    "{words} without quotes is read as missing in {columns}: {n} values in all, the first in row "
    "{row}. In quotes it would be text.": (
        "{columns} 列の引用符のない {words} は欠損値として読みました (全部で {n} 個、最初は {row} 行目)。"
        "引用符で囲むと文字列になります。"
    ),
    # built-in tables
    "built-in table": "組み込みの表",
    "skip_rows must be 0 or more, got {n}.": "skip_rows は 0 以上でなければなりませんが、{n} です。",
    "delimiter must be one ASCII character or 'tab', and no quote, got {delimiter!r}.": (
        "delimiter は引用符以外の ASCII 1 文字、または tab でなければなりませんが、「{delimiter}」です。"
    ),
    "Column {name!r} can't be used: a text holds a lone surrogate, which is not a character.": (
        "「{name}」列は使えません。文字ではない単独のサロゲートが含まれています。"
    ),
}
