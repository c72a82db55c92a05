"""Japanese texts: explanations of a step (messages of `explain`)."""

TEXTS = {
    "The loss is {loss}, so it has no gradient: check X, y and the weights.": (
        "損失が {loss} なので、勾配を計算できません。X、y、重みを確認してください。"
    ),
    "The loss is {loss}, so it has no gradient: check x, y and theta.": (
        "損失が {loss} なので、勾配を計算できません。x、y、theta を確認してください。"
    ),
    "The loss is no longer finite in step {step}: lower the learning rate, which is {lr:g}.": (
        "ステップ {step} で損失が有限でなくなりました。学習率 (現在 {lr:g}) を下げてください。"
    ),
}
