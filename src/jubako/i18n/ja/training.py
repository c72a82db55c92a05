"""Japanese texts: training and its engines (messages of `training`)."""

TEXTS = {
    (
        "JUBAKO_ENGINE={wanted!r} is no engine of this machine: set it to native, numpy, "
        "avx512, avx2 or baseline."
    ): (
        "JUBAKO_ENGINE に「{wanted}」は指定できません。このコンピュータで使える native、numpy、avx512、avx2、"
        "baseline のいずれかを指定してください。"
    ),
    "The loss stopped being finite in epoch {epoch}: went back to the best weights so far and "
    "halved the learning rate to {rate:.3g}.": (
        "エポック {epoch} で損失が有限でなくなったので、それまでの最良の重みに戻り、学習率を半分の {rate:.3g} にしました。"
    ),
}
