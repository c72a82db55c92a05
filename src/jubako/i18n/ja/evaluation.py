"""Japanese texts: metrics and baselines (messages of `evaluation`)."""

TEXTS = {
    "majority class": "最頻クラス",
    "mean": "平均",
    "linear model": "線形モデル",
    "accuracy": "正解率",
    "log loss": "対数損失",
    "calibration error": "較正誤差",
    "precision": "適合率",
    "recall": "再現率",
    "F1 score": "F1 スコア",
    "support": "行数",
    "maximum": "最大",
    "log loss increase": "対数損失の増加",
    "R² decrease": "R² の減少",
}
