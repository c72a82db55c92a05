"""Japanese texts: `--help` of the command line, and the words that typer adds to it.

By English paragraph, with single spaces.
"""

HELP = {
    # words of typer
    "Usage:": "使い方:",
    "[OPTIONS]": "[オプション]",
    "COMMAND [ARGS]...": "コマンド [引数]...",
    "Arguments": "引数",
    "Options": "オプション",
    "Commands": "コマンド",
    "default": "デフォルト",
    "required": "必須",
    "Show this message and exit.": "このヘルプを表示して終了します。",
    # the group
    "Jubako (重箱): neural networks for tables.": "Jubako (重箱): 表データのためのニューラルネットワーク。",
    "Try: jubako train iris": "試すには: jubako train iris",
    "Print the version and exit.": "バージョンを表示して終了します。",
    "Show tracebacks of errors.": "エラーのトレースバックを表示します。",
    # commands
    "Train networks on a table, measure them on a test set, and save the model.": (
        "表データでネットワークを学習し、テストデータで評価して、モデルを保存します。"
    ),
    "Candidates are compared by cross-validation, and combined by greedy ensemble selection.": (
        "候補を交差検証で比べ、貪欲法によるアンサンブル選択で組み合わせます。"
    ),
    "Show the progress of the training in a run folder, also while it is running.": (
        "実行フォルダにある学習の進み具合を表示します。実行中でも使えます。"
    ),
    "Compute the metrics of a model on a table with its target.": (
        "目的変数のある表データで、モデルの評価指標を計算します。"
    ),
    "Predict each row of a table, in the order of the rows.": "表の各行を、行の順に予測します。",
    "Show feature importance, partial dependence, and Shapley values of single rows.": (
        "特徴量重要度、部分依存、各行のシャープレイ値を表示します。"
    ),
    "Distill an ensemble into one small network, which predicts much faster.": (
        "アンサンブルを、予測がはるかに速い 1 つの小さなネットワークに蒸留します。"
    ),
    "Show the contents of a model file: columns, layers, training, size, speed.": (
        "モデルファイルの内容 (列、層、学習の記録、大きさ、速さ) を表示します。"
    ),
    "Check a table before training: types, missing values, duplicates, classes, leaks.": (
        "学習の前に表データを調べます (型、欠損値、重複、クラス、リーク)。"
    ),
    "Show every number of one training step: forward pass, loss, backward pass, update.": (
        "学習の 1 ステップのすべての数値 (順伝播、損失、逆伝播、更新) を表示します。"
    ),
    "Write a model in a form that works without Jubako, or a page that replays its training.": (
        "モデルを Jubako なしで使える形式で書き出します。学習を再生するページも作れます。"
    ),
    "Run the experiment of an introduction to neural networks, step by step, as a lesson.": (
        "ニューラルネットワーク入門の実験を、順を追って解説しながら実行します。"
    ),
    "Compare backpropagation with finite differences. Exit with code 1 if they disagree.": (
        "誤差逆伝播の勾配を差分近似と比べます。一致しなければ終了コード 1 で終了します。"
    ),
    "The example predicts the last column of the table.": (
        "モデルを指定しないときは、表の最後の列を予測する小さな例を使います。"
    ),
    "Open the lab: a page on which networks are built, trained live and inspected.": (
        "ラボを開きます。ネットワークを組み立て、学習の様子を見ながら調べるページです。"
    ),
    "Rows like those that will be predicted, such as the training table. Labels are not needed. "
    "Rows are drawn from what the model knows of each column if not given.": (
        "予測する行と似た行。学習に使った表データでもかまいません。正解ラベルは不要です。省略すると、モデルが各列に"
        "ついて知っていることから行を生成します。"
    ),
    "The .jubako file to write.": "書き込む .jubako ファイル。",
    # options of several commands
    "A table: CSV, TSV, Parquet, Arrow or JSON Lines, also compressed; - for standard input; or a "
    "built-in table: iris, wine, breast_cancer, digits, diabetes.": (
        "表データのファイル (CSV、TSV、Parquet、Arrow、JSON Lines、圧縮も可)。- なら標準入力。"
        "または組み込みの表 (iris、wine、breast_cancer、digits、diabetes)。"
    ),
    "A model file saved by `jubako train`.": "jubako train で保存したモデルファイル。",
    "The column to predict.": "予測する列 (目的変数)。",
    "The target column, if its name is not that in training.": (
        "目的変数の列。学習したときと名前が異なる場合に指定します。"
    ),
    "Text encoding: utf-8, cp932, ... Detected if not given.": (
        "文字コード (utf-8、cp932 など)。省略すると自動判別します。"
    ),
    "Delimiter of CSV: one character, or tab. Detected if not given.": (
        "CSV の区切り文字 (1 文字、または tab)。省略すると自動判別します。"
    ),
    "Number of lines before the CSV header. Detected if not given.": (
        "CSV の見出しより前の行数。省略すると自動判別します。"
    ),
    "Declare the type of a column: numeric, categorical, boolean, date, or drop. Repeatable.": (
        "列の型を指定します (numeric 数値、categorical カテゴリ、boolean 真偽、date 日付、drop 除外)。"
        "何度でも指定できます。"
    ),
    "Print one JSON object instead of tables.": "表の代わりに、1 つの JSON オブジェクトを出力します。",
    "Overwrite existing files.": "既存のファイルを上書きします。",
    "Language of the output: en or ja. That of the locale if not given.": (
        "出力の言語 (en または ja)。省略するとロケールに従います。"
    ),
    "Learning rate. That of the model if not given.": "学習率。省略するとモデルの学習率を使います。",
    "Seed of the random numbers.": "乱数シード。",
    "Number of rows, the first of DATA.": "使う行の数 (DATA の先頭から)。",
    # train
    "Column of sample weights: how much each row counts in training.": (
        "サンプルの重みの列。学習で各行をどれだけ重視するかを表します。"
    ),
    "Classification or regression. Inferred from the target if not given.": (
        "classify (分類) または regress (回帰)。省略すると目的変数から判断します。"
    ),
    "Test set: a fraction of the rows of DATA, or a file.": (
        "テストデータ。DATA の行のうちの割合か、ファイルを指定します。"
    ),
    "Validation set that chooses the best epoch: a fraction of the remaining rows, or a file.": (
        "最良エポックを選ぶ検証データ。残りの行のうちの割合か、ファイルを指定します。"
    ),
    "Column of groups, such as persons: split by group, never within one.": (
        "グループ (人など) を表す列。同じグループの行が分かれないように分割します。"
    ),
    "Column of dates or numbers: test on the latest rows.": (
        "日付または数値の列。この順で最後のほうの行をテストデータにします。"
    ),
    "Refit the selected candidates on all training rows.": (
        "選ばれた候補を、すべての学習データで再学習します。"
    ),
    "Number of candidates: 2, 11 or 32.": "候補の数 (fast は 2、default は 11、best は 32)。",
    "Train a single network. --hidden, --activation, --dropout and --epochs imply it.": (
        "1 つのネットワークだけを学習します。--hidden、--activation、--dropout、--epochs を指定したときも同じです。"
    ),
    "Units of each hidden layer. Default 64,64; '' for none.": (
        "各隠れ層のユニット数。デフォルトは 64,64 です。'' なら隠れ層なし。"
    ),
    "Activation of the hidden layers: relu (default), tanh, ... or one for each.": (
        "隠れ層の活性化関数 (relu (デフォルト)、tanh など)。層ごとにも指定できます。"
    ),
    "Dropout rate of the hidden layers.": "隠れ層のドロップアウト率。",
    "Number of epochs. Chosen by the number of rows if not given.": (
        "エポック数。省略すると行数に応じて決めます。"
    ),
    "Time limit: 60s, 5m, 1h.": "制限時間 (60s、5m、1h など)。",
    "Where to save the model. Named like DATA if not given.": (
        "モデルの保存先。省略すると DATA に合わせた名前になります。"
    ),
    "Resume training of the single network saved there.": (
        "保存先にある 1 つのネットワークの学習を再開します。"
    ),
    "Run folder: the same command again resumes a training that was killed.": (
        "実行フォルダ。学習が途中で終わっても、同じコマンドで再開できます。"
    ),
    "Number of candidates that are trained at once.": "同時に学習する候補の数。",
    "Dask scheduler, as in tcp://host:8786.": "Dask のスケジューラ (tcp://host:8786 など)。",
    # runs, evaluate, predict, explain
    "A run folder of `jubako train --run`.": "jubako train --run で指定した実行フォルダ。",
    "Exit with code 6 if the metric is lower: accuracy=0.9, or r2=0.8.": (
        "指標がこの値 (accuracy=0.9、r2=0.8 など) を下回ると、終了コード 6 で終了します。"
    ),
    "A .csv or .parquet file. Standard output if not given.": (
        ".csv または .parquet のファイル。省略すると標準出力に書きます。"
    ),
    "Add prediction intervals, or for classes prediction sets, of this coverage: 0.9, or 0.5,0.9.": (
        "指定した被覆率 (0.9、または 0.5,0.9 など) の予測区間も出力します。クラスなら予測集合です。"
    ),
    "Add the probability of each class.": "各クラスの確率も出力します。",
    "Columns of DATA to copy beside the prediction: id,name.": (
        "予測の横に出力する DATA の列 (id,name など)。"
    ),
    "Put ' before texts that spreadsheets evaluate as formulas: =, +, -, @.": (
        "表計算ソフトが数式とみなす文字列 (=、+、-、@ で始まるもの) の前に ' を付けます。"
    ),
    "Number of columns whose partial dependence is shown.": "部分依存を表示する列の数。",
    "Number of rows, the first of DATA, with Shapley values.": (
        "シャープレイ値を計算する行の数 (DATA の先頭から)。"
    ),
    "Time limit of the permutation importance: 60s, 5m, 1h.": (
        "特徴量重要度 (並べ替え) の計算の制限時間 (60s、5m、1h など)。"
    ),
    "An .svg file to draw into.": "図を描く .svg ファイル。",
    # serve
    "Predict by HTTP: JSON, CSV or Arrow in and out, until Ctrl-C or SIGTERM.": (
        "HTTP で予測を提供します (入出力は JSON、CSV、Arrow)。Ctrl-C か SIGTERM で終了します。"
    ),
    "Address to listen on. Set a token if other machines can reach it.": (
        "待ち受けるアドレス。ほかのマシンからも接続できるアドレスにするときは、トークンを設定してください。"
    ),
    "Port; 0 for any.": "ポート (0 なら任意)。",
    "Token that requests must have. Better set JUBAKO_TOKEN: others can see options.": (
        "リクエストに必要なトークン。オプションは他人にも見えるので、JUBAKO_TOKEN で設定するほうが安全です。"
    ),
    "Maximum rows of a request.": "1 回のリクエストの最大の行数。",
    "Maximum size of a request.": "1 回のリクエストの最大の大きさ (MB)。",
    "Maximum time to receive and to answer a request.": (
        "リクエストの受信と応答、それぞれの最大の秒数。"
    ),
    # trace, export, article, gradcheck, lab
    "Part of large layers: 1 for the most active units, 2 for the next, ...": (
        "大きな層のうち表示する部分。1 は最も活性の大きいユニット、2 はその次です。"
    ),
    "Write a page in which every number can be opened.": (
        "すべての数値の計算をたどれるページを書き出します。"
    ),
    "Print CSV, one number per line.": "CSV (1 行に 1 つの数値) を出力します。",
    "onnx: for ONNX runtimes; python: a Python file that needs NumPy only; html: a page with a form "
    "that predicts; recording: a page with recorded training steps, to which the options --data, "
    "--target, --steps and --rate belong.": (
        "onnx: ONNX ランタイム用。python: NumPy だけで動く Python ファイル。html: 入力欄に値を入れると予測する"
        "ページ。recording: 学習ステップを記録したページ (--data、--target、--steps、--rate はこの形式用です)。"
    ),
    "The rows to train on. The built-in table of the model if not given.": (
        "学習に使う行。省略すると、モデルを学習した組み込みの表を使います。"
    ),
    "The file to write. Named like MODEL if not given.": (
        "書き込むファイル。省略すると MODEL に合わせた名前になります。"
    ),
    "Number of recorded steps. 100 if not given.": "記録するステップの数。指定しなければ 100。",
    "Number of random splits per network.": "ネットワークごとの無作為な分割の回数。",
    "A saved model. A small example if not given.": (
        "保存したモデル。省略すると小さな例を使います。"
    ),
    "The table for the example.": "例に使う表。",
    "A table, or a shape such as circle. The page can open others.": (
        "表データ、または circle などの図形。ほかのデータもページから開けます。"
    ),
    "Port; 0 for any. 8765 or any if not given.": (
        "ポート番号。0 なら空いている番号。省略すると 8765 か、空いている番号を使います。"
    ),
    "Open the page in the browser.": "ページをブラウザで開きます。",
    # report
    "Write a report on a model and a table with its target: one page, which needs no network.": (
        "モデルと、目的変数のある表についてのレポートを書き出します。1 ページで、ネットワークは不要です。"
    ),
    "The file to write: .html for a page, .json for its facts. MODEL-report.html if not given.": (
        "書き込むファイル。.html ならページ、.json ならその内容。省略すると MODEL-report.html。"
    ),
    "Number of rows with the largest errors to show, with their values.": (
        "誤差の大きい行を、値とともに示す行数。"
    ),
}
