"""Japanese texts: model files (messages of `model`)."""

TEXTS = {
    # leaderboard
    "linear": "線形",
    "quantile-transformed": "分位変換",
    "standardized": "標準化",
    "PBLD": "周期的埋め込み",
    "residual": "残差接続",
    "dropout": "ドロップアウト",
    "weight decay": "重み減衰",
    "label smoothing": "ラベル平滑化",
    "learning rate x": "学習率 ×",
    # schema
    "{name!r} ({reason})": "「{name}」列 ({reason})",
    " and {n} more": "、ほか {n} 列",
    "There is no column to learn from: {columns}{more}.": (
        "学習に使える列がありません: {columns}{more}。"
    ),
    "There is no model file {path!r}.": "「{path}」というモデルファイルはありません。",
    # files
    "The model can't be saved: a name, label or level holds a lone surrogate, which is not a character, "
    "after {near!r}. Replace it.": (
        "モデルを保存できません。名前、ラベル、または水準の「{near}」の後に、文字ではない単独のサロゲートがあります。"
        "置き換えてください。"
    ),
    "The model can't be saved as {path!r}: {reason}.": "モデルを「{path}」に保存できません ({reason})。",
    "{path!r} is not a model of Jubako.": "「{path}」は Jubako のモデルではありません。",
    "{path!r} was saved by an older Jubako (format {version}, this one reads {known}): train the "
    "model again.": (
        "「{path}」は古い Jubako で保存されています (形式 {version}、読めるのは {known})。モデルを学習し直してください。"
    ),
    "{path!r} was saved by a newer Jubako (format {version!r}, this one reads {known}): update "
    "Jubako.": (
        "「{path}」は新しい Jubako で保存されています (形式 {version}、読めるのは {known})。Jubako を更新してください。"
    ),
    "{path!r} is damaged, or is not a model file: {why}.": (
        "「{path}」は壊れているか、モデルファイルではありません ({why})。"
    ),
    "it has been cut, or bytes have been added": "途中で切れているか、余分なバイトがあります",
    "its header can't be read": "ヘッダーを読めません",
    "{path!r} was altered after it was saved: train the model again.": (
        "「{path}」は保存した後に書き換えられています。モデルを学習し直してください。"
    ),
    "{path!r} describes an invalid model: {why}.": (
        "「{path}」の内容は、モデルとして正しくありません。モデルを学習し直してください。"
    ),
    # intervals and sets
    "coverage={coverage!r} must be between 0 and 1.": (
        "被覆率 (coverage) {coverage} は 0 と 1 の間の数でなければなりません。"
    ),
    "coverage={coverage!r} is too high: with {n} held-out rows, the highest is {highest:g}. Lower "
    "it, or train on more rows.": (
        "被覆率 (coverage) {coverage} は高すぎます。検証に使った行が {n} 行のとき、最大は {highest:g} です。下げるか、"
        "より多くの行で学習してください。"
    ),
    "The model has no held-out errors to make intervals or sets from: it was trained by an earlier "
    "version, on too few held-out rows, or distilled without rows. Train it again, or distill it "
    "with rows.": (
        "このモデルには、予測区間や予測集合のもとになる検証誤差がありません。以前のバージョンで学習したか、検証に使った行が"
        "少なすぎるか、行なしで蒸留されています。学習し直すか、行を指定して蒸留してください。"
    ),
    "The prediction of row {row} is not finite: the weights of the network, or values in the row, are "
    "too large. Train the model again, or scale the row as in training.": (
        "{row} 行目の予測が有限ではありません。ネットワークの重みか、その行の値が大きすぎます。"
        "モデルを学習し直すか、その行を学習データと同じ尺度にそろえてください。"
    ),
    "{n} labels of up to {longest} characters can't be saved: shorten them.": (
        "最長 {longest} 文字のラベル {n} 個は保存できません。短くしてください。"
    ),
}
