"""Japanese texts: the service (messages of `serve`)."""

TEXTS = {
    # the process
    "{path} predicts at {address}": "{path} による予測を {address} で提供しています",
    "Anyone who reaches {host} can use the service: set a token with JUBAKO_TOKEN.": (
        "{host} に接続できる人は誰でもこのサービスを使えます。JUBAKO_TOKEN でトークンを設定してください。"
    ),
    "There is no address {host!r} ({reason}): choose another with --host.": (
        "アドレス「{host}」は見つかりません ({reason})。--host で別のアドレスを指定してください。"
    ),
    "Port {port} of {host!r} can't be used ({reason}): choose another with --port, or --port 0 for "
    "any.": (
        "「{host}」のポート {port} を使えません ({reason})。--port で別のポートを指定するか、--port 0 で任せて"
        "ください。"
    ),
    "{path!r} is a {kind}, which predicts arrays: a service needs a model for tables.": (
        "「{path}」は {kind} で、配列を予測するモデルです。サービスには表のためのモデルが必要です。"
    ),
    "{path!r} was replaced: its model is used.": (
        "「{path}」が置き換えられたので、新しいモデルを使います。"
    ),
    "{path!r} was replaced by a file that can't be used: {reason} The model loaded before is kept.": (
        "「{path}」が使えないファイルに置き換えられました: {reason}前に読み込んだモデルを使い続けます。"
    ),
    # pages
    "There is no page {path!r}: POST rows to /predict, or see /schema.": (
        "「{path}」というページはありません。行は /predict に POST してください。説明は /schema にあります。"
    ),
    "{path!r} is not for {method}, but for {methods}.": (
        "「{path}」で使えるのは {methods} で、{method} は使えません。"
    ),
    "The service needs its token: send the header Authorization: Bearer TOKEN, or enter it as "
    "password.": (
        "このサービスにはトークンが必要です。ヘッダー Authorization: Bearer TOKEN で送るか、パスワードとして入力して"
        "ください。"
    ),
    "The service is for this machine only, not for {host!r}: start it with a token to use other "
    "names.": (
        "このサービスはこのマシン専用で、「{host}」という名前では使えません。ほかの名前で使うには、トークンを指定して"
        "起動してください。"
    ),
    "Internal error ({kind}). The log of the service has its traceback.": (
        "内部エラー ({kind}) が起きました。トレースバックはサービスのログにあります。"
    ),
    # limits
    "The body has more than {n:g} MB: send the rows in several requests.": (
        "本文が {n:g} MB を超えています。行を何回かに分けて送ってください。"
    ),
    "The request has more than {n} rows: send them in several requests.": (
        "行が {n} 行を超えています。何回かに分けて送ってください。"
    ),
    "The body did not arrive within {seconds:g} s.": "本文が {seconds:g} 秒以内に届きませんでした。",
    "The body did not arrive to its end.": "本文が最後まで届きませんでした。",
    "The request took longer than {seconds:g} s: send fewer rows at once.": (
        "予測に {seconds:g} 秒を超える時間がかかりました。一度に送る行を減らしてください。"
    ),
    "The service is busy: {n} requests are waiting. Try again.": (
        "サービスが混み合っています ({n} 件のリクエストが待っています)。もう一度試してください。"
    ),
    "There is not enough memory for the request: send fewer rows at once.": (
        "リクエストに必要なメモリが足りません。一度に送る行を減らしてください。"
    ),
    # parameters
    "There is no parameter {name!r}: there are {names}.": (
        "「{name}」というパラメータはありません。あるのは {names} です。"
    ),
    "{name}={value!r} must be true or false.": (
        "{name} が「{value}」ですが、true か false でなければなりません。"
    ),
    "interval={text!r} is not a coverage between 0 and 1: write 0.9, or 0.5,0.9.": (
        "interval の「{text}」は 0 と 1 の間の割合ではありません。0.9、または 0.5,0.9 のように指定してください。"
    ),
    "proba=true is for classification, but this model is a regressor.": (
        "proba=true は分類のためのものですが、このモデルは回帰モデルです。"
    ),
    "interval needs errors on held-out rows, which this model lacks: train it with the presets "
    "fast, default or best.": (
        "interval には検証誤差が必要ですが、このモデルにはありません。プリセット fast、default、または best で"
        "学習してください。"
    ),
    # rows
    "request body": "リクエスト",
    "Rows can't be read from the Content-Type {given!r}: send one of {kinds}.": (
        "Content-Type が「{given}」の行は読み取れません。{kinds} のどれかで送ってください。"
    ),
    "The body is compressed: send it as it is.": (
        "本文が圧縮されています。圧縮せずに送ってください。"
    ),
    "{name!r} was sent as CSV, but is not CSV.": "「{name}」は CSV として送られましたが、CSV ではありません。",
    "{name!r} was sent as an Arrow stream, but is not one.": (
        "「{name}」は Arrow として送られましたが、Arrow のストリームではありません。"
    ),
    "{name!r} is damaged: its Arrow stream can't be read.": (
        "「{name}」は壊れていて、Arrow のストリームを読み取れません。"
    ),
    "{name!r} has compressed buffers: write Arrow without compression.": (
        "「{name}」のバッファが圧縮されています。圧縮なしの Arrow で書いてください。"
    ),
    "{name!r} is not JSON: line {line}, character {place} can't be read.": (
        "「{name}」は JSON ではありません。{line} 行目の {place} 文字目を読み取れません。"
    ),
    "{name!r} is not JSON: {why}.": "「{name}」は JSON ではありません ({why})。",
    "a number has too many digits": "数の桁数が多すぎます",
    "its text is not UTF-8": "文字コードが UTF-8 ではありません",
    "An object has the name {name!r} twice: write it once.": (
        "1 つのオブジェクトに「{name}」という名前が 2 回あります。1 回だけにしてください。"
    ),
    "{word} is not allowed in JSON: write null for a missing value.": (
        "{word} は JSON の値ではありません。欠損値は null と書いてください。"
    ),
    "The JSON must be a list of rows, as in {records}, or an object of columns, as in {columns}.": (
        "JSON は、{records} のような行のリストか、{columns} のような列のオブジェクトでなければなりません。"
    ),
    "Row {row} is not an object: write it as in {example}.": (
        "{row} 行目がオブジェクトではありません。{example} のように書いてください。"
    ),
    "Row {row} has no {name!r}, but others have: write null for a missing value.": (
        "ほかの行にある「{name}」が {row} 行目にありません。欠損値は null と書いてください。"
    ),
    "Column {name!r} has {n} values, but {other!r} has {n_others}: give all columns the same "
    "number.": (
        "「{name}」列の値は {n} 個ですが、「{other}」列は {n_others} 個です。すべての列の個数をそろえてください。"
    ),
    "Column {name!r}, row {row}: a text holds a lone surrogate, which is not a character.": (
        "「{name}」列 {row} 行目: 文字ではない孤立サロゲートがテキストに含まれています。"
    ),
    "Column {name!r}, row {row}: a list or an object is not a single value.": (
        "「{name}」列 {row} 行目: リストやオブジェクトは 1 つの値ではありません。"
    ),
    "Column {name!r}, row {row}: {value} is not of the type of the values before it. Make all "
    "values of a column of one type.": (
        "「{name}」列 {row} 行目: {value} の型がそれより前の値と違います。1 つの列の値の型をそろえてください。"
    ),
}
