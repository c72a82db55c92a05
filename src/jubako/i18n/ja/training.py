"""Japanese texts: training and its engines (messages of `training`)."""

TEXTS = {
    "Jubako computes with its NumPy engine, which is slower, since the native engine {why}. "
    "Install g++ or clang, then run `pip install --force-reinstall --no-deps jubako`; "
    "JUBAKO_ENGINE=numpy in the environment hides this warning.": (
        "ネイティブエンジンが{why}ため、低速な NumPy エンジンで計算します。g++ か clang を入れてから "
        "`pip install --force-reinstall --no-deps jubako` を実行してください。環境変数 JUBAKO_ENGINE=numpy "
        "を設定すると、この警告は出ません。"
    ),
    "was not compiled when Jubako was installed": "Jubako のインストール時にコンパイルされなかった",
    "could not be loaded ({error})": "読み込めない ({error}) ",
    "needs instructions that this processor lacks": "このプロセッサにない命令を必要とする",
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
