"""The texts of the lessons, in English and in Japanese.

Lines that begin with a space stay as they are; others are wrapped, but not between two `.
"""

from jubako.i18n.language import Texts

ARTICLE: Texts = {
    "title": ("The article's experiment", "入門記事の実験"),
    "introduction": (
        """
A Japanese introduction to machine learning (2022) ends with this network. It predicts which of \
three species an iris flower is from four lengths. One hidden layer lies between x and y:

    x --v--> a --relu--> u --w--> b --relu--> y
    4       128         128       3           3       (units)

    a = x @ v        u = relu(a) = a where a > 0, else 0
    b = u @ w        y = relu(b); the largest of the three is the prediction

It is trained on 105 flowers. yt is the target: 1 for the right species, 0 for the two others. \
Hidden units have no target, so the error is propagated backwards, from yd to ud. One step is:

    yd = y - yt
    ud = relu'(a) * (yd @ w.T)       relu' is the derivative: 1 if a > 0, else 0
    w  = w - rate * u.T @ yd / 105   rate is the learning rate
    v  = v - rate * x.T @ ud / 105

The figures below are measured on the test set, the other 45 flowers. The accuracy is the fraction \
of flowers whose species is predicted correctly; guessing gets about 0.33. The article's own score, \
here called cell accuracy, compares the tables of 0 and 1 cell by cell. A wrong prediction still has \
one of three cells right, so `cell accuracy = (1 + 2 * accuracy) / 3`, which looks better than it is.

45 flowers are few, and the result of a single split depends on chance. So each network is trained on \
{splits} random splits, the same for all: the figures are means, and "worst" is the worst split.
""",
        """
ブログの連載「機械学習入門」の最終回 (2022 年) に出てくるネットワークです。アヤメの花の 4 か所の長さから、\
3 つの品種のどれかを予測します。x と y の間に、隠れ層が 1 つあります。

    x --v--> a --relu--> u --w--> b --relu--> y
    4       128         128       3           3       (ユニットの数)

    a = x @ v        u = relu(a)  (a > 0 なら a、それ以外は 0)
    b = u @ w        y = relu(b)  (3 つのうち最大のものが予測)

学習には 105 個の花を使います。yt は正解ベクトルで、正しい品種が 1、ほかの 2 つが 0 です。\
隠れ層には正解ベクトルがないので、誤差を yd から ud へと逆向きに伝えます。1 ステップの計算は次のとおりです。

    yd = y - yt
    ud = relu'(a) * (yd @ w.T)        relu' は導関数: a > 0 なら 1、それ以外は 0
    w  = w - 学習率 * u.T @ yd / 105
    v  = v - 学習率 * x.T @ ud / 105

以下の数値は、テストデータ (残りの 45 個の花) での結果です。「正解率」は、品種を正しく予測した花の割合で、\
でたらめに答えても約 0.33 になります。記事では、0 と 1 の表をセルごとに比べています (ここでは「セル正解率」と呼びます)。\
予測が外れても 3 つのセルのうち 1 つは合うので、`セル正解率 = (1 + 2 * 正解率) / 3` となり、実際より良く見えます。

花 45 個では少なく、1 回の分割の結果は運に左右されます。そこで、どのネットワークも同じ {splits} 通りの\
無作為な分割で学習させます。数値はその平均で、「最悪」は最も悪かった分割での値です。
""",
    ),
    "result": (
        "accuracy {before:.2f} before training, {after:.2f} after; worst {worst:.2f}; cells {cells:.2f}",
        "正解率: 学習前 {before:.2f}、学習後 {after:.2f}、最悪 {worst:.2f}、セル {cells:.2f}",
    ),
    "gradients": (
        "Norms of the six gradients in the first step, from the input to the output:",
        "最初のステップでの 6 つの勾配のノルム (入力側から出力側へ):",
    ),
    "progress": ("splits, accuracy so far", "通りの分割、ここまでの正解率"),
    "article.name": ("the article: 100 steps", "記事のまま: 100 ステップ"),
    "article.why": (
        "Mistakes in the listing are corrected, and its method is kept. The initial weights are "
        "random (He initialization), so at first the network only guesses. The learning rate is 0.01.",
        "プログラムの書き間違いだけを直し、方法は変えていません。重みは He の初期値、つまり乱数で始まるので、"
        "学習前の予測はでたらめです。学習率は 0.01 です。",
    ),
    "softmax.name": ("softmax and cross-entropy", "ソフトマックスと交差エントロピー"),
    "softmax.why": (
        "The squared error asks for exactly 0 or 1, and yd is unbounded: in number 1 the first steps "
        "overshoot, b becomes negative, and after five steps nine outputs in ten are 0 for every "
        "flower. Softmax turns b into probabilities. Then only the differences between the three outputs matter, and yd "
        "stays between -1 and 1. Its formula has the same form: `yd = probability - yt`.",
        "二乗誤差は、出力がちょうど 0 か 1 になることを求め、yd の大きさに限りがありません。1 番では初めの"
        "数ステップで行き過ぎて b が負になり、5 ステップ後には、出力の 10 個に 9 個が、どの花でも 0 になっています。"
        "ソフトマックスは b を確率に変えます。すると 3 つの出力の差だけが問題になり、yd は -1 と 1 の間に"
        "収まります。しかも式の形は同じで、`yd = 確率 - yt` です。",
    ),
    "standardized.name": ("+ standardized inputs", "+ 入力の標準化"),
    "standardized.why": (
        "The mean of each length is subtracted, and the result is divided by its standard deviation. "
        "Raw lengths are all positive, so all flowers look alike, and what they have in common "
        "dominates the gradient. After standardization, their differences do.",
        "それぞれの長さから平均を引き、標準偏差で割ります。元の長さはすべて正の数で、どの花もよく似て見えるため、"
        "花に共通する部分が学習の向きを決めてしまいます。標準化すると、花どうしの違いが学習の向きを決めます。",
    ),
    "biases.name": ("+ biases", "+ バイアス"),
    "biases.why": (
        "`a = x @ v + c`. Without c, the boundary between flowers that activate a hidden unit and "
        "those that do not passes through the origin, where all inputs are 0. With c it can move to "
        "where the data need it.",
        "`a = x @ v + c` とします。c がないと、隠れ層の各ユニットがオンになる花とオフになる花の境目は、必ず入力が"
        "すべて 0 の点を通ります。c があれば、境目をデータに合った場所へ動かせます。",
    ),
    "rate.name": ("+ learning rate 0.1", "+ 学習率 0.1"),
    "rate.why": (
        "Each step is ten times as long, so 100 steps go further. Steps that are too long overshoot, "
        "as in number 1; the best learning rate has to be found by trial.",
        "1 歩の長さを 10 倍にするので、同じ 100 ステップでより遠くまで進めます。長すぎると 1 番のように"
        "行き過ぎます。ちょうどよい長さは、試してみなければわかりません。",
    ),
    "steps.name": ("+ 1000 steps", "+ 1000 ステップ"),
    "steps.why": (
        "Ten times the computation. Compare its benefit with that of the changes before, which cost "
        "almost nothing: the article discusses costs and benefits.",
        "計算量は 10 倍です。計算量がほとんど増えなかったここまでの改良と、効果を比べてみてください。"
        "記事のいう「費用対効果」です。",
    ),
    "sigmoid.name": ("five sigmoid layers, 100 steps", "シグモイド 5 層、100 ステップ"),
    "sigmoid.why": (
        "More layers; everything else is as in number 5. The derivative of the sigmoid is at most "
        "0.25, and backpropagation multiplies the error by it in every layer: five layers give at "
        "most 0.25^5, about 0.001. So the layers near the input hardly learn (vanishing gradients).",
        "隠れ層を増やし、ほかの条件は 5 番と同じにします。シグモイドの導関数は最大でも 0.25 です。誤差は逆向きに"
        "伝わるとき、層を通るたびにこの値をかけられ、5 層では 0.25^5、つまり約 0.001 倍以下になります。"
        "そのため、入力に近い層はほとんど学習できません (勾配消失)。",
    ),
    "relu.name": ("five ReLU layers, 100 steps", "ReLU 5 層、100 ステップ"),
    "relu.why": (
        "The derivative of ReLU is 0 or 1, so the error reaches the first layer. But compare with "
        "number 5: on a table as small as iris one hidden layer is as good, with 65 times fewer "
        "parameters.",
        "ReLU の導関数は 0 か 1 なので、誤差は最初の層まで届きます。ただし、5 番と比べてみてください。iris のような"
        "小さな表では、隠れ層が 1 つでも同じくらいの結果になり、パラメータの数は約 65 分の 1 で済みます。",
    ),
    "patience.name": ("the article: 1000 steps", "記事のまま: 1000 ステップ"),
    "patience.why": (
        "Number 1 again, but with enough steps for a negative b to recover. It can, thanks to a "
        "mistake: the article omits the derivative of the output's ReLU from yd. That derivative is "
        "0 where b < 0, so with it, an output that is negative for all flowers would never learn "
        "again. (Without it, y - yt is the exact derivative of another loss, `relu(b)^2 / 2 - yt * b`.)",
        "もう一度 1 番のネットワークですが、負になった b が戻ってこられるだけのステップがあります。戻れるのは、"
        "記事の yd に出力層の relu の導関数が抜けているおかげです。導関数は b < 0 で 0 なので、正しくかけると、"
        "どの花でも b が負になった出力は、二度と学習できません。(導関数をかけない y - yt は、別の損失 "
        "`relu(b)^2 / 2 - yt * b` をちょうど微分したものです。)",
    ),
    "table": ("Summary (random splits: {splits})", "まとめ (無作為な分割 {splits} 通り)"),
    "network": ("network on iris", "ネットワーク"),
    "before": ("accuracy\nbefore", "正解率\n学習前"),
    "after": ("accuracy\nafter", "正解率\n学習後"),
    "worst": ("worst\nsplit", "最悪の\n分割"),
    "cells": ("cell\naccuracy", "セル\n正解率"),
    "noise": (
        "The means after training depend on the random splits: in number 1 by about "
        "`+-{first:.2f}`, in most others by about `+-{rest:.2f}` (two standard errors).",
        "学習後の平均は、分割の乱数によって、1 番では `±{first:.2f}`、ほかの多くでは `±{rest:.2f}` ほど変わります "
        "(標準誤差の 2 倍)。",
    ),
    "conclusion": (
        "With enough steps the article's network is as good as the others. With the changes, far "
        "fewer steps are enough, and no split fails. Which layers, activations and learning rates "
        "suit other data has to be found by trial.",
        "十分なステップがあれば、記事のネットワークもほかに劣りません。ここで見た改良のおかげで、ずっと少ない"
        "ステップで済み、ひどく外れる分割もなくなります。ほかのデータにどの層、どの活性化関数、どの学習率が合うかは、"
        "試してみなければわかりません。",
    ),
    "next": (
        """
Try next:
  jubako train iris                 # the default search, on one split
  jubako train iris --hidden 128,128,128,128,128 --activation logistic
  jubako gradcheck                  # check backpropagation without calculus
  jubako article --lang ja          # this lesson in Japanese
See also docs/step.md: these formulas beside the code that computes them
""",
        """
次に試すこと:
  jubako train iris                 # 今の標準的な設定で、1 通りの分割
  jubako train iris --hidden 128,128,128,128,128 --activation logistic
  jubako gradcheck --lang ja        # 誤差逆伝播を、微分の公式なしで確かめる
  jubako article --lang en          # この実験の英語版
続きを読む: docs/step.ja.md (同じ式を、それを計算するコードと並べて説明)
""",
    ),
}

GRADCHECK: Texts = {
    "title": ("Backpropagation against finite differences", "誤差逆伝播と数値微分を比べる"),
    "introduction": (
        """
Backpropagation computes the gradient of the loss L: its derivative with respect to each \
parameter w. It can be checked without calculus: make w slightly larger and slightly smaller, and \
compare the losses.

    dL/dw is about (L(w + h) - L(w - h)) / 2h

The right side, the difference quotient, needs only the forward pass. The network, with {rows} rows of {data}:
""",
        """
誤差逆伝播は、損失 L の勾配、つまり各パラメータ w についての偏微分を計算します。これは微分の公式を\
使わなくても確かめられます。w を少し増やしたときと減らしたときの、L の差を見ればよいのです。

    dL/dw は、およそ (L(w + h) - L(w - h)) / 2h

右辺 (差分商) は、順伝播だけで計算できます (数値微分)。調べるのは、次のネットワークです。データは「{data}」の {rows} 行です。
""",
    ),
    "random": ("random numbers", "乱数"),
    "loss": (
        "    loss: {loss}; without dropout, in float64",
        "    損失関数: {loss} (ドロップアウトなし、float64)",
    ),
    "examples": ("One weight of each layer", "各層の重みを 1 つずつ"),
    "weight": ("{name} = {value:.6f}, h = {h:.6g}", "{name} = {value:.6f}、h = {h:.6g}"),
    "backpropagation": ("backpropagation", "誤差逆伝播"),
    "table": ("All layers", "すべての層"),
    "layer": ("layer", "層"),
    "part": ("parameter", "パラメータ"),
    "checked": ("checked", "調べた数"),
    "size": ("gradient\nnorm", "勾配の\nノルム"),
    "difference": ("largest\ndifference", "最大の\n差"),
    "error": ("relative\ndifference", "相対誤差"),
    "agrees": ("agree", "一致"),
    "yes": ("yes", "はい"),
    "no": ("NO", "いいえ"),
    "kinks": (
        "For {n} of the parameters the loss has a kink, where the left and the right derivative "
        "differ. That of backpropagation lies between the two, and is not compared.",
        "{n} 個のパラメータでは、損失がその点で微分できず、左右の微分係数が異なります。誤差逆伝播の値は"
        "その間にあるので、比較の対象にしません。",
    ),
    "right": (
        "All {n} derivatives agree: backpropagation computes the gradient of the loss. They cannot be "
        "equal to the last digit, because the quotient is rounded and the loss is not exactly "
        "linear between w - h and w + h; relative differences up to {bound:.0e} are allowed.",
        "調べた {n} 個のすべてで一致しました。誤差逆伝播は、損失の勾配を正しく計算しています。数値微分には丸め誤差があり、"
        "損失は w - h と w + h の間でも完全な直線ではないので、最後の桁までは一致しません。"
        "{bound:.0e} までの相対誤差を許しています。",
    ),
    "wrong": (
        "{n} of {all} derivatives disagree, most of all {name} in layer {layer}: backpropagation gives "
        "{grad:.6g}, the quotient {quotient:.6g}. Check first the layer nearest to the output that "
        "disagrees: errors propagate backwards from there.",
        "調べた {all} 個のうち {n} 個が一致しません。最もずれているのは {layer} 番目の層の {name} で、誤差逆伝播では "
        "{grad:.6g}、数値微分では {quotient:.6g} です。誤差は逆向きに伝わるので、一致しない層のうち、"
        "出力に最も近い層から調べてください。",
    ),
}
