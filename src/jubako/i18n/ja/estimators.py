"""Japanese texts: estimators (messages of `estimators`)."""

TEXTS = {
    "Solver produced non-finite parameter weights. The input data may contain large values and need "
    "to be preprocessed. Training has stopped: the loss kept growing, even at lower learning rates. "
    "The estimator holds the best weights it had. Scale X (and y), lower learning_rate_init or set "
    "max_grad_norm.": (
        "学習が発散したので停止しました。学習率を下げても損失が増え続け、重みが有限でなくなりました。"
        "推定器には、それまでの最良の重みがあります。X (と y) を標準化するか、learning_rate_init を下げるか、"
        "max_grad_norm を指定してください。"
    ),
    "{n} rows are too few to learn from (n_samples={n}): give at least 2.": (
        "{n} 行では少なすぎて学習できません。2 行以上が必要です。"
    ),
}
