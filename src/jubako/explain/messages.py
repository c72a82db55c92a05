"""What pictures and pages say: in English, then in Japanese."""

from typing import Literal

from .render.markup import Markup, element, fragment

Language = Literal["en", "ja"]

WORDS: dict[str, tuple[str, str]] = {
    "title": ("One step of training", "学習の 1 ステップ"),
    "recording": ("A training, step by step", "学習の記録"),
    "language": ("Language", "言語"),
    "network": ("Network", "ネットワーク"),
    "loss.name": ("Loss", "損失関数"),
    "optimizer": ("Optimizer", "最適化"),
    "rows.in": ("Rows in the step", "このステップの行数"),
    "mean.loss": ("Loss L", "損失 L"),
    "now": ("before the step", "ステップの前"),
    "then": ("after it", "後"),
    "picture": ("The network", "ネットワークの図"),
    "picture.how": (
        "Each tray is a layer, each compartment a unit with its output, or backward its delta. Lines "
        "are weights, or backward gradients: dashed where negative, thicker where larger. Point at a "
        "unit to see what comes in; choose it to see its formula.",
        "重箱の 1 段が 1 つの層、1 ますが 1 つのユニットで、数は出力 (逆方向では δ) です。線は重み (逆方向では"
        "勾配) で、破線は負、太いほど絶対値が大きいことを表します。ユニットにポインタを合わせると入ってくる線の値が、"
        "選ぶと式が表示されます。",
    ),
    "direction": ("Direction", "方向"),
    "forward": ("Forward", "順方向"),
    "backward": ("Backward", "逆方向"),
    "row": ("Row", "行"),
    "forward.title": ("1. Forward: what each layer puts out", "1. 順方向: 各層の出力"),
    "forward.how": (
        "Every number can be opened: it shows what it was computed from.",
        "数を選ぶと、その数がどう計算されたかが表示されます。",
    ),
    "loss.title": ("2. Loss: how wrong the prediction is", "2. 損失: 予測はどれだけ外れたか"),
    "backward.title": (
        "3. Backward: how the error reaches each layer, and the gradients",
        "3. 逆方向: 誤差が各層に伝わり、勾配になる",
    ),
    "update.title": (
        "4. Update: the parameters after the step",
        "4. 更新: ステップの後のパラメータ",
    ),
    "layer": ("Layer", "層"),
    "input": ("input", "入力"),
    "more": ("{n} more terms", "ほか {n} 項"),
    "check": ("Check:", "確かめ:"),
    "backward.how": (
        "An opened gradient is checked without calculus: the parameter is made a little larger and "
        "smaller, by h, to see how much L changes. ✓: they agree.",
        "勾配を開くと、微分の公式を使わない確かめも表示されます。パラメータを h だけ増減させたときの "
        "L の変化と比べます (✓ は一致)。",
    ),
    "close": ("Close", "閉じる"),
    "shown": (
        "{n} of {all} units, the most active ones; sums contain them all.",
        "{all} ユニットのうち、出力の大きい {n} ユニットを表示しています (合計にはすべて入っています)。",
    ),
    "shown.page": (
        "{n} of {all} units, part {page} of {pages}, by activity; sums contain them all.",
        "{all} ユニットのうち {n} ユニットを表示しています (出力の大きい順、{page}/{pages})。合計にはすべて入っています。",
    ),
    "part": ("Units of large layers", "大きい層のユニット"),
    "part.how": (
        "The most active units come first.",
        "出力の大きいユニットから順に並んでいます。",
    ),
    "part.back": ("Units before", "前のユニット"),
    "part.on": ("Units that follow", "次のユニット"),
    "rows.shown": ("{n} of {all} rows are shown.", "{all} 行のうち {n} 行を表示しています。"),
    "step": ("Step", "ステップ"),
    "step.back": ("Step back", "1 つ戻る"),
    "step.on": ("Step forward", "1 つ進む"),
    "play": ("Play", "再生"),
    "pause": ("Pause", "一時停止"),
    "curve": ("Loss L, by step", "ステップごとの損失 L"),
    "accuracy": ("Rows right", "正しく予測した行"),
    "keys": ("Keys: ← and → step, space plays.", "キー操作: ← → で 1 ステップ、スペースで再生。"),
}


def say(key: str, language: Language, **values: object) -> str:
    """Return a text in one language, with its values filled in."""
    return WORDS[key][language == "ja"].format(**values)


def both(key: str, /, **values: object) -> Markup:
    """Return a text in both languages, as HTML of which the style shows one."""
    languages: tuple[Language, ...] = "en", "ja"
    texts = (element("span", {"lang": name}, say(key, name, **values)) for name in languages)
    return fragment(*texts)
