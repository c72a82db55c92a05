"""Japanese texts: reports (messages of `report`)."""

TEXTS = {
    "Report: prediction of {target}": "レポート: {target} の予測",
    "{model} on {n:,} rows of {data}, {date}": "{model}、{data} の {n:,} 行で評価 ({date})",
    "A report can't be saved as {path!r}: the name must end with {endings}.": (
        "レポートを「{path}」に保存できません。ファイル名の末尾を {endings} のどれかにしてください。"
    ),
    # verdict
    "{value} (95 % interval {low} – {high})": "{value} (95 % 信頼区間 {low} – {high})",
    "The model is better than the baselines: {metric} {value}; {baseline} {other}, {worse} {least}.": (
        "モデルはどのベースラインよりも良い予測をします。{metric}は {value}、{baseline}は {other}、{worse}は {least} です。"
    ),
    "The model is better than the baseline: {metric} {value}; {baseline} {other}.": (
        "モデルはベースラインよりも良い予測をします。{metric}は {value}、{baseline}は {other} です。"
    ),
    "The model is worse than the baseline ({baseline}): {metric} {value}, against {other}.": (
        "モデルはベースライン ({baseline}) に劣ります。{metric}は {value}、ベースラインは {other} です。"
    ),
    "The model is about as good as the baseline ({baseline}) by {metric}, {value} against {other}, but "
    "its probabilities are better: log loss {loss}, against {other_loss}.": (
        "モデルの{metric}は {value} で、ベースライン ({baseline}) の {other} とほぼ同じですが、確率の予測は優れています。"
        "対数損失は {loss}、ベースラインは {other_loss} です。"
    ),
    "The model is not clearly better than the baseline ({baseline}): {metric} {value}, against {other}.": (
        "モデルがベースライン ({baseline}) より良いとは言えません。{metric}は {value}、ベースラインは {other} です。"
    ),
    "{metric} {value}: these rows do not suffice to compare the model with baselines.": (
        "{metric}は {value} です。これらの行だけでは、ベースラインと比べられません。"
    ),
    "The model was trained on {n_train} rows of a table named {name!r}. If these {n} rows are the same, "
    "scores are optimistic: give rows that the model has not seen.": (
        "モデルは「{name}」という名前の表の {n_train} 行で学習しています。今回の {n} 行に同じ行が含まれていれば、評価は実際より"
        "良くなります。学習に使っていない行を渡してください。"
    ),
    # table
    "The table as read": "表の読み取り",
    "read as": "読み取り方",
    "not used: {reason}": "不使用 ({reason})",
    "not in the training table": "学習時の表にない列",
    "{n:,} rows with {target}, {used} columns that the model uses, {dropped} that it does not.": (
        "{target} のある行は {n:,} 行、モデルが使う列は {used} 列、使わない列は {dropped} 列です。"
    ),
    # scores
    "Scores": "評価指標",
    "95 % interval": "95 % 信頼区間",
    "The intervals are 95 % bootstrap intervals: the {n:,} rows of {data} are resampled {times} times, "
    "with the seed {seed}.": (
        "区間は 95 % ブートストラップ信頼区間です。{data} の {n:,} 行から {times} 回リサンプリングしました (乱数シード {seed})。"
    ),
    "The baselines are trained on these rows: by five-fold cross-validation on {n:,} rows.": (
        "ベースラインはこの表の行で学習しています ({n:,} 行での 5 分割交差検証)。"
    ),
    "Model and baselines: {metric}": "モデルとベースライン: {metric}",
    "By class": "クラスごと",
    "Absolute error": "絶対誤差",
    # training
    "Learning curves": "学習曲線",
    "The model keeps no losses by epoch.": "このモデルには、エポックごとの損失が保存されていません。",
    "Validation loss of the candidates in the ensemble": "アンサンブルに入った候補の検証損失",
    "The network was distilled from an ensemble. The losses are what a network of each size adds to the loss of the ensemble: 0 if it predicts the same.": "このネットワークはアンサンブルから蒸留されたものです。損失は、各大きさのネットワークがアンサンブルの損失に加える分です (予測が同じなら 0)。",
    "added loss": "増えた損失",
    "The network was trained for fewer than two epochs.": "学習は 2 エポック未満でした。",
    "validation": "検証",
    "epoch": "エポック",
    "loss of an epoch": "各エポックの損失",
    # predictions
    "Predictions": "予測",
    "Table": "表",
    "yes": "はい",
    "no": "いいえ",
    "rows": "行数",
    "ROC curve (ROC AUC {area})": "ROC 曲線 (ROC AUC {area})",
    "Precision and recall (PR AUC {area})": "適合率と再現率 (PR AUC {area})",
    "false positive rate": "偽陽性率",
    "Calibration (calibration error {error})": "較正 (較正誤差 {error})",
    "probability of the most probable class": "最も確率の高いクラスの確率",
    "Confusion matrix (rows: true classes, columns: predicted ones)": (
        "混同行列 (行: 正解のクラス、列: 予測したクラス)"
    ),
    "Most frequent errors": "多い誤り",
    "true class": "正解のクラス",
    "predicted class": "予測したクラス",
    "Predicted against true: means of bins of equally many rows": (
        "予測値と正解: 同じ行数の区間ごとの平均"
    ),
    "predicted {target}": "{target} の予測値",
    "true {target}": "{target} の正解",
    "mean, 10 % and 90 % of the true numbers": "正解の平均、10 % 点、90 % 点",
    "true": "正解",
    "predicted": "予測",
    "true, 10 %": "正解の 10 % 点",
    "true, 90 %": "正解の 90 % 点",
    "Residuals: true minus predicted": "残差: 正解 − 予測",
    "residual of {target}": "{target} の残差",
    # coverage
    "Coverage of prediction intervals": "予測区間の被覆率",
    "Coverage of prediction sets": "予測集合の被覆率",
    "Nominal and measured coverage": "目標の被覆率と実際の被覆率",
    "The model has no prediction intervals or sets.": "このモデルには予測区間や予測集合がありません。",
    "nominal coverage": "目標の被覆率",
    "coverage on these rows": "この表での被覆率",
    "± two standard errors": "± 標準誤差の 2 倍",
    "mean width": "平均の幅",
    "mean number of classes": "平均のクラス数",
    # candidates
    "Candidates": "候補",
    "The model is a single network: there was no search over candidates.": (
        "このモデルは単一のネットワークで、候補の探索はしていません。"
    ),
    "Losses are out-of-fold in training; they are a little optimistic, since the best epochs and the "
    "weights are chosen on the same rows. Lower is better.": (
        "損失は学習時の交差検証 (OOF) によるもので、最良エポックと重みを同じ行で選ぶため、少し楽観的です。小さいほど良い値です。"
    ),
    "The scores on {data} above are not: no choice was made on these rows.": (
        "上に示した {data} での評価指標は楽観的ではありません。これらの行では何も選んでいません。"
    ),
    "The out-of-fold loss of the ensemble is {mean:.4f} in the mean of {n} folds, with a 95 % "
    "interval of {low:.4f} – {high:.4f} (Student's t; approximate, since the networks of "
    "different folds share training rows).": (
        "アンサンブルの OOF 損失は {n} 分割の平均で {mean:.4f}、その 95 % 信頼区間は {low:.4f} – {high:.4f} です "
        "(t 分布による近似。各分割のネットワークは学習データの多くを共有しています)。"
    ),
    "fold": "分割",
    "Loss of the ensemble by fold": "分割ごとのアンサンブルの損失",
    "Loss against seconds of training": "学習時間と損失",
    "Loss against depth": "層の数と損失",
    "out-of-fold loss": "OOF 損失",
    "ensemble of candidates": "候補のアンサンブル",
    "best of its depth": "同じ層数での最良",
    "best epoch": "最良エポック",
    "Leaderboard": "リーダーボード",
    # importance
    "What the predictions depend on": "予測が何に依存するか",
    "The metric is undefined on these rows.": "これらの行では指標が定義されません。",
    "Permutation importance on {n:,} rows ({metric} {value:.3f}): how much worse the metric gets when "
    "a column is shuffled. It describes the model; a column that matters need not be a cause.": (
        "{n:,} 行での並べ替えによる特徴量重要度 ({metric} {value:.3f}) は、ある列の値をシャッフルしたときに指標がどれだけ"
        "悪化するかを表します。モデルの性質であり、重要な列が原因であるとは限りません。"
    ),
    "Only {n} of {total} columns were shuffled in time.": (
        "時間内にシャッフルできたのは {total} 列のうち {n} 列です。"
    ),
    "Permutation importance": "並べ替えによる特徴量重要度",
    "Partial dependence on {name}": "部分依存: {name}",
    "standard error": "標準誤差",
    "mean probability": "確率の平均",
    "mean prediction": "予測の平均",
    # worst rows
    "Worst rows": "誤差の大きい行",
    "row": "行",
    "1 − probability of the true class": "1 − 正解のクラスの確率",
    "The rows of {data} with the largest errors.": "{data} のうち、誤差が最も大きい行です。",
    "The rows of {data} with the largest errors, and the {n} most important columns.": (
        "{data} のうち、誤差が最も大きい行です。最も重要な {n} 列を表示しています。"
    ),
    # drift
    "Drift: these rows against those in training": "ドリフト: 学習時の行との違い",
    "No column has shifted.": "分布が変わった列はありません。",
    "Shifted columns ({n} of {total}): {names}.": (
        "分布が変わった列 ({total} 列のうち {n} 列): {names}。"
    ),
    "The comparison uses what the model file keeps: quantiles of numbers, the number of rows of each "
    "level, and the range of dates.": (
        "比較には、モデルのファイルに残る情報 (数値の分位点、水準ごとの行数、日付の範囲) を使います。"
    ),
    "other shares of levels: {level!r} in {now:.1%} of the rows, in training in {was:.1%}": (
        "水準の割合が異なる (「{level}」は {now:.1%}、学習時は {was:.1%})"
    ),
    "A model for arrays keeps nothing of the values in training to compare with.": (
        "配列用のモデルには、比較のもとになる学習時の値の情報がありません。"
    ),
    "Distance of the distributions (numbers: Kolmogorov-Smirnov, levels: total variation); the mark "
    "is the limit": (
        "分布の距離 (数値はコルモゴロフ・スミルノフ、水準は全変動距離)。印はしきい値です"
    ),
    "All columns": "すべての列",
    "distance": "距離",
    "limit": "限界",
    "type": "型",
    "shift of the center": "中心の移動",
    "out of range": "範囲外",
    "unseen or rare levels": "未知またはまれな水準",
    "missing in training": "学習時の欠損",
    "{share:.1%} missing, none in training": "欠損が {share:.1%} (学習時はなし)",
    "levels that were rare or absent in training in {share:.1%} of the rows, such as {example!r}": (
        "学習時にまれか未知だった水準が {share:.1%} (「{example}」など)"
    ),
    "the center has moved by {shift:+.2f} scales": "中心が尺度の {shift:+.2f} 倍だけ移動",
    "another distribution: median {now:.4g}, not {was:.4g}": (
        "分布が異なる (中央値 {now:.4g}、学習時は {was:.4g})"
    ),
    "another distribution: from {low:.4g} to {high:.4g} for 98% of the rows, in training from "
    "{was_low:.4g} to {was_high:.4g}": (
        "分布が異なる (98% の行は {low:.4g} から {high:.4g}、学習時は {was_low:.4g} から {was_high:.4g})"
    ),
    "{share:.1%} outside of the range in training": "学習時の範囲の外が {share:.1%}",
    # how to repeat it
    "How to repeat it": "再現の方法",
    "command": "コマンド",
    "SHA-256 of the model file": "モデルファイルの SHA-256",
    "trained on": "学習に使った表",
    "seed of the training": "学習の乱数シード",
    "seed of the report": "レポートの乱数シード",
    "{n}, with {p:,} parameters in all": "{n} 個、パラメータは合計 {p:,} 個",
    "Jubako of the training": "学習時の Jubako",
    "Jubako of the report": "レポート作成時の Jubako",
    "engine": "エンジン",
}
