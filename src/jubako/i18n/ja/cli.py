"""Japanese texts: the command line (messages of `cli`)."""

TEXTS = {
    "NumPy, since the native engine {why}": "NumPy。ネイティブエンジンが{why}ため",
    # ends of commands
    "{path!r} is saved.": "「{path}」は保存済みです。",
    "interrupted, nothing was saved.": "中断しました。何も保存していません。",
    "interrupted, but {kept}": "中断しましたが、{kept}",
    "Note: ": "注意: ",
    "There is not enough memory{detail}: use fewer rows, columns or units.": (
        "メモリが足りません{detail}。行、列、またはユニットを減らしてください。"
    ),
    "{place}{reason}.": "{place}システムのエラー ({reason})",
    "Internal error ({kind}: {error}). Please report it; rerun with --debug for a traceback.": (
        "内部エラー ({kind}: {error}) が起きました。開発者に報告してください。--debug を付けて実行すると、"
        "トレースバックを表示します。"
    ),
    # intervals
    "--interval {text} is not a coverage between 0 and 1: write 0.9, or 0.5,0.9.": (
        "--interval {text} は 0 と 1 の間の割合ではありません。0.9、または 0.5,0.9 のように指定してください。"
    ),
    "--interval needs errors on held-out rows, which this model lacks: train it with the presets "
    "fast, default or best, and distill it with rows.": (
        "--interval には検証誤差が必要ですが、このモデルにはありません。プリセット fast、default、または best で"
        "学習し、蒸留するときは行を指定してください。"
    ),
    # distill
    "Distilling {n} networks into one ...": "{n} 個のネットワークを 1 つに蒸留しています ...",
    "{path!r} is a {kind}, not an ensemble: there is nothing to distill.": (
        "「{path}」は {kind} で、アンサンブルではないので、蒸留できません。"
    ),
    "The rows were drawn from what the model knows of each column. With DATA, the student would be "
    "better, and could predict intervals and sets.": (
        "行は、モデルが各列について知っていることから生成しました。DATA を指定すると、生徒モデルの精度が上がり、"
        "予測区間や予測集合も使えます。"
    ),
    "Interrupted: the student is as of the last complete epoch.": (
        "中断しました。生徒モデルは最後に完了したエポックのものです。"
    ),
    "Saved as {path}. Try: jubako predict {path} DATA": (
        "{path} に保存しました。試すには: jubako predict {path} DATA"
    ),
    "networks": "ネットワーク",
    "bytes": "バイト",
    "expected\n{metric}": "{metric}\n(見込み)",
    "teacher": "教師",
    "student": "生徒",
    "{n:,} rows": "{n:,} 行",
    "On {n} held-out rows, the student predicts the class that the teacher does in {share:.1%}.": (
        "評価用の {n} 行のうち {share:.1%} で、生徒モデルは教師モデルと同じクラスを予測します。"
    ),
    "On {n} held-out rows, R² of the student's predictions of the teacher's is {r2:.4f}.": (
        "評価用の {n} 行で、教師モデルの予測に対する生徒モデルの予測の R² は {r2:.4f} です。"
    ),
    "added\nloss": "増えた\n損失",
    "{ms:.3g} ms": "{ms:.3g} ミリ秒",
    # tables
    "{data}: {read_as}, {n} rows": "{data} ({read_as}): {n} 行",
    "missing": "欠損",
    "No problems found.": "問題は見つかりませんでした。",
    "Add --target COLUMN to check the target, too: classes, leaks, order.": (
        "--target COLUMN を付けると、目的変数 (クラス、リーク、順序) も調べます。"
    ),
    # tables larger than memory
    "in memory": "メモリ上で",
    "from disk": "ディスクから読みながら",
    "{data}: about {n} rows, which take {need} of memory; {free} are free. Training {how}.": "{data}: 約 {n} 行。必要なメモリは {need}、空きは {free} です。{how}学習します。",
    "{n} files": "{n} 個のファイル",
    "{data!r} does not fit into memory, which {option} needs: train with --run, which continues a training also from disk.": "「{data}」はメモリに収まりませんが、{option} にはそれが必要です。--run を使うと、ディスクからの学習も再開できます。",
    "This is a random sample of the {n} rows, which do not fit into memory.": "全 {n} 行はメモリに収まらないので、無作為に選んだ行だけを調べました。",
    # the command line itself
    "See `{command} --help`.": "{command} --help を見てください。",
    "Did you mean {near}?": "{near} のことですか。",
    "There is no option {option}. {hint}": "{option} というオプションはありません。{hint}",
    "There is no command {name!r}. {hint}": "「{name}」というコマンドはありません。{hint}",
    "The name of a command is missing. {hint}": "コマンドの名前がありません。{hint}",
    "{option} needs a value.": "{option} には値が必要です。",
    "{option} takes no value.": "{option} に値は指定できません。",
    "{name} is missing. {hint}": "{name} が指定されていません。{hint}",
    "Unexpected argument: {extra}. {hint}": "余分な引数があります: {extra}。{hint}",
    "{name} is {value!r}, but must be {wanted}.": (
        "{name} が「{value}」ですが、{wanted}でなければなりません。"
    ),
    "one of {choices}": "{choices} のどれか",
    "an integer from {low} to {high}": "{low} から {high} までの整数",
    "an integer of {low} or more": "{low} 以上の整数",
    "a number from {low} to {high}": "{low} から {high} までの数値",
    "a number": "数値",
    # options
    "--fail-under {text!r} must read like accuracy=0.9.": (
        "--fail-under の「{text}」は、accuracy=0.9 のように書いてください。"
    ),
    "--fail-under supports {known} here, not {name!r}.": (
        "--fail-under に「{name}」は使えません。このモデルで使える指標は {known} です。"
    ),
    "{name} is {value}, lower than {least}.": "{name} は {value} で、{least} を下回りました。",
    "{path!r} must end with {endings}.": "「{path}」の拡張子は {endings} でなければなりません。",
    "There is no folder {folder!r} to write to.": "書き込み先のフォルダ「{folder}」がありません。",
    "{path!r} is an input of the command ({name!r}), which it does not overwrite: choose another "
    "name.": (
        "「{path}」はコマンドの入力 (「{name}」) なので、上書きできません。ほかの名前を指定してください。"
    ),
    "{path!r} is not a regular file: choose another name.": (
        "「{path}」は通常のファイルではありません。ほかの名前を指定してください。"
    ),
    "{path!r} exists: choose another name, or --force.": (
        "「{path}」はすでにあります。別の名前か、--force を指定してください。"
    ),
    "{path!r} can't be written: {reason}. Choose another place.": (
        "「{path}」に書き込めません ({reason})。ほかの場所を指定してください。"
    ),
    "Written to {path}, {size}.": "{path} に書き込みました ({size})。",
    "--as {word!r} must read COLUMN=TYPE, with one of {kinds}.": (
        "--as の「{word}」は、「列名=型」の形で書いてください。型は {kinds} のどれかです。"
    ),
    "--as declares {column!r} twice: {first} and {second}.": (
        "--as で「{column}」の型が 2 回指定されています ({first} と {second})。"
    ),
    "--json and --csv are two forms of the same numbers: choose one.": (
        "--json と --csv は同時に指定できません。どちらかを選んでください。"
    ),
    "--proba is for classification, but this model is a regressor.": (
        "--proba は分類用ですが、このモデルは回帰モデルです。"
    ),
    "--escape-formulas is for CSV, which spreadsheets open: leave it out.": (
        "--escape-formulas は CSV 用です。指定を外してください。"
    ),
    "Standard output goes into {data!r}, an input of the command: choose another file.": (
        "標準出力の行き先「{data}」は、コマンドの入力です。ほかのファイルを指定してください。"
    ),
    "{text} is not a fraction of the rows: it must be between 0 and 1.": (
        "{text} は行の割合ではありません。0 と 1 の間の数を指定してください。"
    ),
    "--time {text!r} is not a time span such as 60s, 5m or 1h.": (
        "--time の「{text}」は時間として読めません。60s、5m、1h のように指定してください。"
    ),
    "--hidden {hidden!r} is not a list of layer sizes such as 64,64.": (
        "--hidden の「{hidden}」は、各層のユニット数として読めません。64,64 のように指定してください。"
    ),
    "--activation {name!r}: {hint}": "--activation に「{name}」は指定できません。{hint}",
    "--activation names {n} activations, but there are {n_layers} hidden layers.": (
        "--activation に活性化関数が {n} 個ありますが、隠れ層は {n_layers} 層です。"
    ),
    "{search} is for a search over candidates, and {one} for a single network: leave one of the two "
    "out.": (
        "{search} は候補を探索するときの、{one} は 1 つのネットワークを学習するときの指定です。どちらかを外してください。"
    ),
    "--resume reads columns as before: leave out --as.": (
        "--resume では、列を前回と同じように読みます。--as を外してください。"
    ),
    "--groups and --order-by both define the splits: leave one of them out.": (
        "--groups と --order-by は、どちらも分割の方法を決めます。どちらかを外してください。"
    ),
    # loading a model and rows
    "{path!r} is a {kind}, which predicts arrays, not tables: use it in Python, with jubako.load.": (
        "「{path}」は {kind} で、表ではなく配列を予測するモデルです。Python の jubako.load で使ってください。"
    ),
    "The metadata of the model can't be read: {error}.": "モデルのメタデータを読み込めません ({error})。",
    "{data!r} has no row with a value of {target!r}.": (
        "「{data}」には、「{target}」に値のある行がありません。"
    ),
    "The model does not know these classes of {target!r}: {unknown}; it knows {known}.": (
        "「{target}」のクラスのうち、{unknown}は、学習データになかったクラスです。モデルのクラスは {known} です。"
    ),
    "No row of {data!r} has a class that the model knows. {about}": (
        "「{data}」には、モデルのクラスに当たる行がありません。{about}"
    ),
    "{about} These rows are left out.": "{about}これらの行は除外します。",
    "{about} These rows count as wrong, but not for the log loss and ROC AUC.": (
        "{about}これらの行は不正解と数え、対数損失と ROC AUC の計算からは除外します。"
    ),
    "1 row": "1 行",
    "{n} rows": "{n} 行",
    "and {n} more": "ほか {n} 種類",
    "{label!r} ({rows})": "「{label}」({rows}) という値",
    "{label!r} ({rows}, did you mean {near!r}?)": "「{label}」({rows}、「{near}」のことですか) という値",
    # training
    "the test set (--test)": "テストデータ (--test) ",
    "the validation set (--val)": "検証データ (--val) ",
    "{data!r} has no column but the target {target!r}: nothing to learn from.": (
        "「{data}」には、目的変数「{target}」のほかに列がないので、学習できません。"
    ),
    "The target {target!r} is {label} in all rows: a classifier needs two classes.": (
        "目的変数「{target}」が、すべての行で {label} です。分類するクラスが 2 つ以上必要です。"
    ),
    "The target {target!r} has numbers that are too large: the square of {value:g} overflows. Divide "
    "them by a power of ten.": (
        "目的変数「{target}」の数値が大きすぎて、{value:g} の 2 乗がオーバーフローします。10 の累乗で割ってください。"
    ),
    "{path!r} holds a model for {earlier!r}: choose another --out, or --force.": (
        "「{path}」には「{earlier}」を予測するモデルがあります。--out で別の名前を指定するか、--force を指定してください。"
    ),
    "{test!r} has rows of class {label!r}, which {data!r} lacks.": (
        "「{test}」には、「{data}」にないクラス「{label}」の行があります。"
    ),
    "There is no model {path!r} to resume: leave out --resume.": (
        "再開するモデル「{path}」がありません。--resume を外してください。"
    ),
    "{path!r} exists and is not a model: choose --out, or --force.": (
        "「{path}」はすでにあり、モデルではありません。--out で別の名前を指定するか、--force を指定してください。"
    ),
    "{path} was trained for {earlier}, not for {task}.": (
        "{path} は{earlier}のモデルで、{task}のモデルではありません。"
    ),
    "{path} holds an ensemble, whose training has ended: --resume continues a single network, trained "
    "with --plain.": (
        "{path} は学習の終わったアンサンブルです。--resume で再開できるのは、--plain で学習した 1 つのネットワークです。"
    ),
    "Saved as {path}.": "{path} に保存しました。",
    "{name}: {read_as}, {n} rows{lacking}. Target {target}: {task}.": (
        "{name} ({read_as}): {n} 行{lacking}。目的変数「{target}」: {task}。"
    ),
    " ({n} more without a target)": " (ほかに目的変数のない行が {n} 行)",
    "regression": "回帰",
    "classification": "分類",
    "classification, {n} classes": "分類 ({n} クラス)",
    "  ... and {n} more columns": "  … ほか {n} 列",
    "training": "学習",
    "epoch {n} of {total}, loss {loss}": "エポック {n}/{total}、損失 {loss}",
    "epoch {n} of {total}, loss {loss}, validation loss {val_loss}": (
        "エポック {n}/{total}、損失 {loss}、検証損失 {val_loss}"
    ),
    "candidate {number} of {n_candidates} ({layers}), epoch {epoch} of {n_epochs}": (
        "候補 {number}/{n_candidates} ({layers})、エポック {epoch}/{n_epochs}"
    ),
    "encoding the table": "表を符号化しています",
    "{candidate}, lowest loss {loss}": "{candidate}、最小の損失 {loss}",
    "refit on all rows: {candidate}": "全データで再学習: {candidate}",
    "Training loss by epoch": "エポックごとの学習損失",
    "Validation loss by epoch": "エポックごとの検証損失",
    "Interrupted after {n} candidates.": "{n} 個の候補を試したところで中断しました。",
    "Out of memory after {n} candidates.": "{n} 個の候補を試したところで、メモリが足りなくなりました。",
    "{n} candidates were tried in {time}; a longer --time tries more.": (
        "{time} で {n} 個の候補を試しました。--time を長くすると、もっと試せます。"
    ),
    "Interrupted in epoch {n} of {total}.": "エポック {n}/{total} で中断しました。",
    "Stopped after {time}, in epoch {n} of {total}.": (
        "{time} が過ぎたので、エポック {n}/{total} で止めました。"
    ),
    "Add --resume to the command to continue.": "同じコマンドに --resume を付けると再開します。",
    "--run resumes by itself: leave out --resume.": (
        "--run は自動的に再開します。--resume を外してください。"
    ),
    "Single network: {status}.": "単一のネットワーク: {status}。",
    "Try next:": "次に試すこと:",
    "search over candidates": "候補を探索する",
    "a single network": "1 つのネットワーク",
    # run folders and workers
    "--{name} is for --format recording, not {format}: leave it out.": (
        "--{name} は --format recording 用です。{format} では指定しないでください。"
    ),
    "--format onnx needs ONNX: pip install 'jubako[onnx]'.": (
        "--format onnx には ONNX が必要です。pip install 'jubako[onnx]' でインストールしてください。"
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
    # the leaderboard
    "candidate": "候補",
    "configuration": "設定",
    "OOF\nloss": "OOF\n損失",
    "weight": "重み",
    "best\nepoch": "最良\nエポック",
    "seconds": "秒",
    "ensemble": "アンサンブル",
    "hidden layers": "隠れ層の数",
    "The OOF loss is that of rows that a network was not trained on. It is optimistic, since epochs and weights were chosen on these rows; no choice was made on the test set.": "OOF 損失は、各ネットワークの学習に使われなかった行での損失です。エポック数と重みを同じ行で選んだため、楽観的な値です。テストデータは何の選択にも使っていません。",
    "lowest OOF loss": "最小の OOF 損失",
    "... and {n} more": "… ほか {n} 個",
    # metrics
    "{target}: test set, {n} rows": "{target}: テストデータ {n} 行",
    "{target}: {n} rows of {data}": "{target}: {data} の {n} 行",
    "model": "モデル",
    "model before training": "学習前のモデル",
    "The {baseline} baseline is better than this model: {metric} {other}, not {score}.": (
        "ベースライン ({baseline}) のほうが、このモデルより優れています ({metric}は {score} に対して {other})。"
    ),
    "The {baseline} baseline is as good as this model: {metric} {other} and {score}.": (
        "ベースライン ({baseline}) も、このモデルと同程度です ({metric}は {score} に対して {other})。"
    ),
    "By threshold of the probability of {label}": "「{label}」と予測する確率のしきい値",
    "{threshold:.4g}, for the probability of {label!r}": "{threshold:.4g} (「{label}」の確率)",
    "cost matrix": "コスト行列",
    "threshold": "しきい値",
    "The OOF loss is that of rows that a network was not trained on. It is optimistic, since epochs and weights were chosen on these rows; `jubako evaluate` measures the model on other rows.": "OOF 損失は、各ネットワークの学習に使われなかった行での損失です。エポック数と重みを同じ行で選んだため、楽観的な値です。`jubako evaluate` で、ほかの行での性能を測れます。",
    "probability": "確率",
    "share of rows": "行の割合",
    "class": "クラス",
    "quantile": "分位点",
    "absolute error": "絶対誤差",
    # predictions
    "{n} rows written to {path}.": "{path} に {n} 行を書き込みました。",
    # explanations
    "Permutation importance on {n} rows ({metric} {value:.3f})": (
        "{n} 行での特徴量重要度 (並べ替え、{metric} {value:.3f})"
    ),
    "Permutation importance: {head}": "特徴量重要度 (並べ替え): {head}",
    "Permutation importance and partial dependence": "特徴量重要度と部分依存",
    "Partial dependence: mean prediction by {name}": "部分依存: 「{name}」の値ごとの平均予測",
    "Shapley values of row {row}: {label} is {value}": "{row} 行目のシャープレイ値: {label} は {value}",
    "column": "列",
    "value": "値",
    "Shapley value": "シャープレイ値",
    "({n} other columns)": "(ほかの {n} 列)",
    "(mean prediction)": "(平均予測)",
    "(missing)": "(欠損)",
    "shuffling columns": "列の並べ替え",
    "Only {n} of {total} columns were shuffled in time; a longer --time covers more.": (
        "時間内に並べ替えたのは {total} 列のうち {n} 列です。--time を長くすると、もっと調べられます。"
    ),
    "These values describe the model; a column that matters need not be a cause.": (
        "これらの値はモデルの性質を表すもので、重要な列が原因であるとは限りません。"
    ),
    "Drawn as {path}.": "図を {path} に保存しました。",
    "{data!r} has only one row with a value of {target!r}: nothing to compare.": (
        "「{data}」には、「{target}」に値のある行が 1 行しかないので、比べられません。"
    ),
    "{target!r} is {value:g} in all rows of {data!r}: R² is undefined.": (
        "「{target}」は「{data}」のすべての行で {value:g} なので、R² を計算できません。"
    ),
    # the contents of a model file
    "seed": "乱数シード",
    "file": "ファイル",
    "table": "表",
    "target": "目的変数",
    "task": "タスク",
    "target read as": "目的変数の型",
    "training rows": "学習データの行数",
    "training seconds": "学習時間 (秒)",
    "distilled from": "蒸留元",
    "prediction": "予測",
    "{one} for 1 row, {many} for 1,000": "1 行で {one}、1,000 行で {many}",
    "classes": "クラス",
    "{kind}, saved by Jubako {version}": "{kind} (Jubako {version} で保存)",
    "{path}, {size:,} bytes": "{path} ({size:,} バイト)",
    "{n} epochs, {reason}, loss {loss:.4f}": "{n} エポック、{reason}、損失 {loss:.4f}",
    "completed": "完了",
    "converged": "収束",
    "stopped by a callback": "コールバックで停止",
    "interrupted": "中断",
    "diverged": "発散",
    "time limit reached": "制限時間で停止",
    "Columns": "列",
    "used as": "使い方",
    "inputs": "入力",
    "outputs": "出力",
    "Layers": "層",
    "layer": "層",
    "dense": "全結合",
    "scale": "スケール",
    "category embedding": "カテゴリの埋め込み",
    "periodic embedding": "周期的埋め込み",
    "residual: {layers}": "残差接続: {layers}",
    "squared error": "二乗誤差",
    "Huber loss": "Huber 損失",
    "log-cosh loss": "log-cosh 損失",
    "quantile loss": "分位点損失",
    "Poisson deviance": "ポアソン逸脱度",
    "binary cross-entropy": "二値交差エントロピー",
    "cross-entropy": "交差エントロピー",
    "parameters": "パラメータ数",
    "Loss: {loss}. Parameters: {n:,} x {n_networks} network(s).": (
        "損失関数: {loss}。パラメータ数: {n:,} × {n_networks} ネットワーク。"
    ),
    "{candidate}: ensemble weight {weight:.0%}": "{candidate}: アンサンブルの重み {weight:.0%}",
    # lessons and pages
    "{data!r} has no usable column before its last one, {target!r}.": (
        "「{data}」には、最後の列「{target}」の前に、使える列がありません。"
    ),
    "To open every number in a browser, add: --html trace.html": (
        "すべての数をブラウザで見るには、--html trace.html を付けてください。"
    ),
    "A random sample of {most} of the {n} rows is recorded.": (
        "{n} 行のうち、無作為に選んだ {most} 行を記録します。"
    ),
    "Recording {steps} steps of training ...": "学習の {steps} ステップを記録しています …",
    "  writing": "  書き込み中",
    "The model file {path!r} holds no rows: give its table{name} with --data FILE.": (
        "モデルファイル「{path}」に行は入っていません。元の表{name} を --data FILE で指定してください。"
    ),
    'the lab needs NiceGUI: pip install "jubako[lab]"': (
        'ラボには NiceGUI が必要です: pip install "jubako[lab]"'
    ),
    "Only `jubako lab` and `python -m jubako lab` open the lab.": (
        "ラボは、jubako lab または python -m jubako lab で開きます。"
    ),
    # serve
    "jubako serve needs more packages: pip install 'jubako[serve]'.": (
        "jubako serve にはほかのパッケージが必要です。pip install 'jubako[serve]' でインストールしてください。"
    ),
    "The token is empty: set {name} to a long random text, or leave it out.": (
        "トークンが空です。{name} に長い無作為な文字列を設定するか、指定しないでください。"
    ),
    "The service has stopped.": "サービスを終了しました。",
    # report
    "Computing the report on {n} rows ...": "{n} 行でレポートを計算しています ...",
}
