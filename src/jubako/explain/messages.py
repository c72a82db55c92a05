"""The texts of pictures and pages: in English, then in Japanese."""

from typing import Literal

from .render.markup import Markup, element, fragment

Language = Literal["en", "ja"]

WORDS: dict[str, tuple[str, str]] = {
    "title": ("One step of training", "学習の 1 ステップ"),
    "recording": ("Training, step by step", "学習の記録"),
    "language": ("Language", "言語"),
    "network": ("Network", "ネットワーク"),
    "loss.name": ("Loss", "損失関数"),
    "optimizer": ("Optimizer", "最適化手法"),
    "rows.in": ("Rows in the step", "このステップの行数"),
    "mean.loss": ("Loss L", "損失 L"),
    "now": ("before the step", "更新前"),
    "then": ("after it", "更新後"),
    "picture": ("The network", "ネットワークの図"),
    "picture.how": (
        "Each tray is a layer, each compartment a unit with its output (backward: its delta). Lines "
        "are weights (backward: gradients), dashed where negative, thicker where larger. Point at a "
        "unit to see its inputs; click it to see its formula.",
        "重箱の 1 段が 1 つの層、1 ますが 1 つのユニットで、数は出力 (逆伝播では誤差 δ) です。線は重み (逆伝播では"
        "勾配) で、破線は負、太いほど絶対値が大きいことを表します。ユニットにカーソルを合わせると入力の重みが、"
        "クリックすると式が表示されます。",
    ),
    "direction": ("Direction", "方向"),
    "forward": ("Forward", "順伝播"),
    "backward": ("Backward", "逆伝播"),
    "row": ("Row", "行"),
    "forward.title": ("1. Forward: the output of each layer", "1. 順伝播: 各層の出力"),
    "forward.how": (
        "Click a number to see how it was computed.",
        "数をクリックすると、その計算式が表示されます。",
    ),
    "loss.title": ("2. Loss: the error of the prediction", "2. 損失: 予測の誤差の大きさ"),
    "backward.title": (
        "3. Backward: the error of each layer, and the gradients",
        "3. 逆伝播: 各層の誤差と勾配",
    ),
    "update.title": (
        "4. Update: the parameters after the step",
        "4. 更新: ステップの後のパラメータ",
    ),
    "layer": ("Layer", "層"),
    "input": ("input", "入力"),
    "layer.dense": ("dense", "全結合"),
    "layer.dropout": ("dropout", "ドロップアウト"),
    "layer.embedding": ("embedding", "カテゴリの埋め込み"),
    "layer.periodic": ("periodic", "周期的埋め込み"),
    "layer.residual": ("residual", "残差接続"),
    "layer.scale": ("scale", "スケール"),
    "dropout.off": ("(off)", "(適用せず)"),
    "more": ("{n} more terms", "ほか {n} 項"),
    "check": ("Finite difference:", "数値微分:"),
    "backward.how": (
        "The formula of a gradient comes with a finite difference: the change of L when the "
        "parameter is moved by ± h. ✓: they agree.",
        "勾配の式には、数値微分との比較も表示されます。数値微分は、パラメータを ± h 動かしたときの "
        "L の変化です (✓ は一致)。",
    ),
    "close": ("Close", "閉じる"),
    "shown": (
        "{n} of {all} units are shown, the most active ones; sums are over all units.",
        "{all} ユニットのうち、出力の大きい {n} ユニットを表示しています (和は全ユニットについての和です)。",
    ),
    "shown.page": (
        "{n} of {all} units are shown, part {page} of {pages}, by activity; sums are over all units.",
        "{all} ユニットのうち {n} ユニットを表示しています (出力の大きい順、{page}/{pages})。和は全ユニットについての和です。",
    ),
    "part": ("Units of large layers", "大きい層のユニット"),
    "part.how": (
        "The most active units come first.",
        "出力の大きいユニットから順に並んでいます。",
    ),
    "part.back": ("Previous units", "前のユニット"),
    "part.on": ("Next units", "次のユニット"),
    "rows.shown": ("{n} of {all} rows are shown.", "{all} 行のうち {n} 行を表示しています。"),
    "step": ("Step", "ステップ"),
    "step.back": ("Step back", "1 つ戻る"),
    "step.on": ("Step forward", "1 つ進む"),
    "play": ("Play", "再生"),
    "pause": ("Pause", "一時停止"),
    "curve": ("Loss L", "損失 L"),
    "accuracy": ("Accuracy", "正解率"),
    "predict.title": ("Prediction", "予測"),
    "predict.of": ("Prediction of {target}", "{target} の予測"),
    "predict.values": ("Values", "値の入力"),
    "predict.values.how": (
        "Nothing leaves this page: the model is in it. Empty fields are missing values.",
        "モデルはこのページの中にあり、入力した値はどこにも送られません。空欄は欠損値として扱います。",
    ),
    "predict.reset": ("Reset", "最初の値に戻す"),
    "predict.seconds": ("(enter seconds)", "(秒で入力してください)"),
    "predict.far": (
        "Outside of the range in training.",
        "学習データの範囲の外です。",
    ),
    "predict.prediction": ("Prediction", "予測"),
    "predict.wrong": (
        "A marked value can't be read: correct it, or leave it empty.",
        "印の付いた値を読み取れません。直すか、空欄にしてください。",
    ),
    "predict.interval": ("{percent} prediction interval:", "{percent} 予測区間:"),
    "predict.set": ("{percent} prediction set:", "{percent} 予測集合:"),
    "predict.probabilities": ("Probabilities", "確率"),
    "predict.contributions": ("Contributions", "各列の寄与"),
    "predict.contributions.how": (
        "How much the prediction (of a class: its probability) changes when a value replaces a "
        "typical one: the median of numbers and dates, a missing value of categories.",
        "典型的な値 (数値と日付は中央値、カテゴリは欠損値) を入力した値に置き換えたときの、予測 (分類ではそのクラスの確率) の変化です。",
    ),
    "keys": ("Keys: ← and → step, space plays.", "キー操作: ← → で 1 ステップ、スペースで再生。"),
}


def translate(key: str, language: Language, **values: object) -> str:
    """Return a text in one language, with its values filled in."""
    return WORDS[key][language == "ja"].format(**values)


def layer_name(kind: str, language: Language) -> str:
    """Return the name of a kind of layer; that of a kind without a text is unchanged."""
    return translate(key, language) if (key := f"layer.{kind}") in WORDS else kind


def both(key: str, /, **values: object) -> Markup:
    """Return a text in both languages, as HTML, of which the style shows one."""
    languages: tuple[Language, ...] = "en", "ja"
    texts = (element("span", {"lang": name}, translate(key, name, **values)) for name in languages)
    return fragment(*texts)
