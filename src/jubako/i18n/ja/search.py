"""Japanese texts: the search and run folders (messages of `search`)."""

TEXTS = {
    # files
    "The target {target!r} has more than {n} different values, too many for classes: choose another column.": "目的変数「{target}」の値は {n} 種類を超えていて、クラスには多すぎます。別の列を選んでください。",
    "{name!r} has too few rows to hold some out.": (
        "「{name}」は行が少なすぎて、評価用の行を取り分けられません。"
    ),
    "The time limit does not permit reading all rows: a part of the files is used, with {n} rows.": (
        "制限時間内にすべての行は読み込めないので、一部のファイルの {n} 行を使います。"
    ),
    # distillation
    "The model is a single network already: there is no ensemble to distill.": (
        "このモデルはすでに単一のネットワークなので、蒸留できません。"
    ),
    "There are {n} rows to distill with: at least {fewest} are needed.": (
        "蒸留に使える行が {n} 行しかありません。{fewest} 行以上必要です。"
    ),
    # run folders and workers
    "The result of the first candidate in {path!r} can't be read any more: run the same command "
    "again.": (
        "{path!r} にある最初の候補の結果が読めなくなりました。同じコマンドをもう一度実行してください。"
    ),
    "The encoded rows can't be read any more: {error} ({path!r}).": (
        "数値に変換した行を読み込めなくなりました ({error}、「{path}」)。"
    ),
    "The run folder {path!r} can't be written: {error}. Choose another folder, or free some space; what is finished in it stays valid.": (
        "実行フォルダ「{path}」に書き込めません ({error})。別のフォルダを選ぶか、空き容量を増やしてください。完了した結果はそのまま使えます。"
    ),
    "The folder {path!r} holds other files ({file!r}) and no run: choose a new folder.": (
        "フォルダ「{path}」には別のファイル ({file}) があり、実行フォルダではありません。新しいフォルダを選んでください。"
    ),
    "The run folder {path!r} is in use by another command: wait until that has ended, or choose another folder.": (
        "実行フォルダ「{path}」は別のコマンドが使用中です。その終了を待つか、別のフォルダを選んでください。"
    ),
    "The run folder {path!r} holds another run, which differs in {names}: give the same again, or choose another folder.": (
        "実行フォルダ「{path}」には別の実行があります ({names} が異なります)。同じ指定にするか、別のフォルダを選んでください。"
    ),
    "There is no run in {path!r}: `jubako train ... --run {path}` begins one.": (
        "「{path}」は実行フォルダではありません。jubako train ... --run {path} を実行すると、学習を始められます。"
    ),
    "The run in {path!r} can't be read: {file} is damaged. Choose another folder.": (
        "実行フォルダ「{path}」を読み込めません。{file} が壊れています。別のフォルダを選んでください。"
    ),
    "{file!r} in the run folder is damaged: it is computed again.": (
        "実行フォルダの「{file}」が壊れているため、計算し直します。"
    ),
    "{error} Training continues without checkpoints.": (
        "{error}チェックポイントなしで学習を続けます。"
    ),
    "The worker on {host!r} has Jubako {other}, and the search runs with {version}: install the same version on all machines.": (
        "ワーカー「{host}」の Jubako は {other} ですが、探索は {version} です。すべてのマシンに同じバージョンをインストールしてください。"
    ),
    "The worker on {host!r} can't read the rows in {path!r}: choose a run folder (run_dir, --run) on a file system that all machines share.": (
        "ワーカー「{host}」から「{path}」の行を読み込めません。すべてのマシンが共有するファイルシステムに実行フォルダ (run_dir、--run) を置いてください。"
    ),
    # ends of a search
    "{n} rows are too few to learn from (n_samples={n}): give at least 4.": (
        "{n} 行では少なすぎて学習できません。4 行以上が必要です。"
    ),
    "All rows are of one group: groups must differ to be held out.": (
        "学習データがすべて同じグループなので、検証データを分けられません。2 つ以上のグループが必要です。"
    ),
    "No row is earlier than the others: times must differ to be held out.": (
        "学習データの時刻がすべて同じなので、検証データを分けられません。"
    ),
    "The search has ended early, with {n} candidates: {text} {advice}": (
        "{n} 個の候補で探索を終了しました。{text}{advice}"
    ),
    "no memory was left, or a worker was killed ({kind}: {error}).": (
        "メモリが足りないか、ワーカーが強制終了されました ({kind}: {error})。"
    ),
    "Lower n_jobs, or free memory.": "n_jobs (--jobs) を減らすか、メモリを空けてください。",
    "The workers have gone away ({error}): the search goes on in this process.": (
        "ワーカーがなくなったので ({error})、このプロセスで探索を続けます。"
    ),
    "Candidate {number} of {n} ({candidate}) diverged: its loss overflowed, even at "
    "lower learning rates. Its weights {kept} are kept.": (
        "候補 {number}/{n} ({candidate}) の学習が発散しました。学習率を下げても損失が増え続けたので、{kept}の重みを使います。"
    ),
    "of epoch {epoch}": "エポック {epoch} ",
    "before training": "学習前",
    "before the refit": "再学習前",
    # thresholds and costs
    "threshold and cost_matrix both decide what is predicted: give one of them.": (
        "threshold と cost_matrix はどちらも予測するクラスを決めます。一方だけを指定してください。"
    ),
    "threshold={threshold!r} is for two classes, and y has {n}: give a cost_matrix.": (
        "threshold={threshold} は 2 クラスのためのものですが、y には {n} クラスあります。cost_matrix を指定してください。"
    ),
    "cost_matrix must hold {n} rows of {n} finite numbers, one row for each true class and one "
    "column for each predicted class, in the order of the classes.": (
        "cost_matrix は有限の数を {n} 行 {n} 列に並べたものでなければなりません。行は真のクラス、列は予測したクラスで、"
        "クラスの順に並べます。"
    ),
    "cost_matrix[{row}, {column}] is {cost:g}, but an error must cost more than a correct prediction, "
    "cost_matrix[{row}, {row}], which is {right:g}.": (
        "cost_matrix[{row}, {column}] は {cost:g} ですが、誤りのコストは正しい予測のコスト "
        "cost_matrix[{row}, {row}] ({right:g}) より大きくなければなりません。"
    ),
    "threshold='auto' needs an eval_metric that compares predicted classes, such as 'f1' or "
    "'balanced_accuracy', but eval_metric is {metric}, which no threshold changes.": (
        "threshold='auto' には、'f1' や 'balanced_accuracy' のように予測したクラスを比べる eval_metric が必要です。"
        "eval_metric={metric} は、しきい値を変えても変わりません。"
    ),
}
