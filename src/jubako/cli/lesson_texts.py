"""What the lessons say: in English, then in Japanese.

Lines that begin with a space stay as they are; others are wrapped, but not between two `.
"""

from jubako.i18n.language import Texts

ARTICLE: Texts = {
    "title": ("The article's experiment", "入門記事の実験"),
    "introduction": (
        """
A Japanese introduction to machine learning (2022) ends with this network. From four lengths of an \
iris flower it finds out which of three species it is. One hidden layer lies between x and y:

    x --v--> a --relu--> u --w--> b --relu--> y
    4       128         128       3           3       (numbers per flower)

    a = x @ v        u = relu(a) = a where a > 0, else 0
    b = u @ w        y = relu(b); the largest of the three is the answer

It learns from 105 flowers. yt is the truth: 1 for the right species, 0 for the two others. A \
hidden unit has no such target, so the error runs backwards, from yd to ud. One step is:

    yd = y - yt
    ud = relu'(a) * (yd @ w.T)        relu' is the slope: 1 where a > 0, else 0
    w  = w - rate * u.T @ yd / 105
    v  = v - rate * x.T @ ud / 105

The figures below are for the 45 flowers that it has not seen. "Rows" is the share of flowers that \
are named right; guessing gets about 0.33. "Cells" is the article's own score: it compares the \
tables of 0 and 1 cell by cell. A wrong answer still has one of three cells right, so \
`cells = (1 + 2 * rows) / 3`, which looks better than it is.

45 flowers are few, and one split is luck. So each network is trained on {splits} random splits, \
the same for all: the figures are means, and "worst" is the worst split.
""",
        """
ブログの連載「機械学習入門」の最終回 (2022 年) に出てくるネットワークです。アヤメの花の 4 か所の長さから、\
3 つの品種のどれかを当てます。x と y の間に、隠れ層が 1 つあります。

    x --v--> a --relu--> u --w--> b --relu--> y
    4       128         128       3           3       (花 1 つあたりの数)

    a = x @ v        u = relu(a)  (a > 0 なら a、それ以外は 0)
    b = u @ w        y = relu(b)  (3 つのうち最大のものが答え)

学習には 105 個の花を使います。yt は正解ベクトルで、正しい品種が 1、ほかの 2 つが 0 です。\
隠れ層には正解ベクトルがないので、誤差を yd から ud へと逆向きに伝えます。1 ステップの計算は次のとおりです。

    yd = y - yt
    ud = relu'(a) * (yd @ w.T)        relu' は傾き: a > 0 なら 1、それ以外は 0
    w  = w - 学習率 * u.T @ yd / 105
    v  = v - 学習率 * x.T @ ud / 105

以下の数値は、学習に使わなかった 45 個の花での結果です。「行」は、品種を正しく当てた花の割合です。\
でたらめに答えても約 0.33 になります。「セル」は記事で使われている正解率で、0 と 1 の表をセルごとに比べます。\
答えが外れても 3 つのセルのうち 1 つは合うので、`セル = (1 + 2 * 行) / 3` となり、実際より良く見えます。

花 45 個では少なく、1 回の分割の結果は運に左右されます。そこで、どのネットワークも同じ {splits} 通りの\
無作為な分割で学習させます。数値はその平均で、「最悪」は最も悪かった分割での値です。
""",
    ),
    "result": (
        "rows {before:.2f} before, {after:.2f} after; worst {worst:.2f}; cells {cells:.2f}",
        "行: 学習前 {before:.2f}、学習後 {after:.2f}、最悪 {worst:.2f}、セル: {cells:.2f}",
    ),
    "gradients": (
        "Lengths of the six gradients in the first step, from the input's side to the output's:",
        "最初のステップでの 6 つの勾配の大きさ (入力側から出力側へ):",
    ),
    "progress": ("splits, rows right so far", "通りの分割、ここまでの「行」"),
    "article.name": ("the article: 100 steps", "記事のまま: 100 ステップ"),
    "article.why": (
        "Slips in the listing are mended, and its method is kept. The weights start as random "
        "numbers by He's rule, so at first the network only guesses. The rate is 0.01.",
        "プログラムの書き間違いだけを直し、方法は変えていません。重みは He の初期値、つまり乱数で始まるので、"
        "学習前の答えはでたらめです。学習率は 0.01 です。",
    ),
    "softmax.name": ("softmax and cross-entropy", "ソフトマックスと交差エントロピー"),
    "softmax.why": (
        "Squares ask for exactly 0 or 1, and yd has no limit: in number 1 the first steps "
        "overshoot, b falls below 0, and after five of them nine outputs in ten are 0 for every "
        "flower. Softmax turns b into probabilities. Then only the differences between the three outputs count, and yd "
        "stays between -1 and 1. Its formula keeps its form: `yd = probability - yt`.",
        "二乗誤差は、出力がちょうど 0 か 1 になることを求め、yd の大きさに限りがありません。1 番では初めの"
        "数ステップで行き過ぎて b が負になり、5 ステップ後には、出力の 10 個に 9 個が、どの花でも 0 になっています。"
        "ソフトマックスは b を確率に変えます。すると 3 つの出力の差だけが問題になり、yd は -1 と 1 の間に"
        "収まります。しかも式の形は同じで、`yd = 確率 - yt` です。",
    ),
    "standardized.name": ("+ standardised inputs", "+ 入力の標準化"),
    "standardized.why": (
        "From each length its mean is subtracted, and the rest divided by its standard deviation. "
        "Raw lengths are all positive, so every flower looks much like the next, and what they "
        "have in common drives the steps. Now it is what they differ in.",
        "それぞれの長さから平均を引き、標準偏差で割ります。元の長さはすべて正の数で、どの花もよく似て見えるため、"
        "花に共通する部分が学習の向きを決めてしまいます。標準化すると、花どうしの違いが学習の向きを決めます。",
    ),
    "biases.name": ("+ biases", "+ バイアス"),
    "biases.why": (
        "`a = x @ v + c`. Without c, the border between flowers that switch a hidden unit on and "
        "those that do not runs through the point where all inputs are 0. With c it can move to "
        "where the data need it.",
        "`a = x @ v + c` とします。c がないと、隠れ層の各ユニットがオンになる花とオフになる花の境目は、必ず入力が"
        "すべて 0 の点を通ります。c があれば、境目をデータに合った場所へ動かせます。",
    ),
    "rate.name": ("+ rate 0.1", "+ 学習率 0.1"),
    "rate.why": (
        "Each step is ten times as long, so 100 steps lead further. Too long a step overshoots, "
        "as in number 1; which length suits, only trying tells.",
        "1 歩の長さを 10 倍にするので、同じ 100 ステップでより遠くまで進めます。長すぎると 1 番のように"
        "行き過ぎます。ちょうどよい長さは、試してみなければわかりません。",
    ),
    "steps.name": ("+ 1000 steps", "+ 1000 ステップ"),
    "steps.why": (
        "Ten times the work. Compare what it brings with what the changes before it brought at "
        "almost no cost: the article speaks of costs and benefits.",
        "計算量は 10 倍です。計算量がほとんど増えなかったここまでの改良と、効果を比べてみてください。"
        "記事のいう「費用対効果」です。",
    ),
    "sigmoid.name": ("five sigmoid layers, 100 steps", "シグモイド 5 層、100 ステップ"),
    "sigmoid.why": (
        "More layers; all else is as in number 5. The slope of the sigmoid is at most 0.25, and "
        "on its way back the error is multiplied by it in every layer: five times make at most "
        "0.25^5, about 0.001. So the layers near the input hardly learn.",
        "隠れ層を増やし、ほかの条件は 5 番と同じにします。シグモイドの傾きは最大でも 0.25 です。誤差は逆向きに"
        "伝わるとき、層を通るたびにこの傾きをかけられ、5 層では 0.25^5、つまり約 0.001 倍以下になります。"
        "そのため、入力に近い層はほとんど学習できません。",
    ),
    "relu.name": ("five ReLU layers, 100 steps", "ReLU 5 層、100 ステップ"),
    "relu.why": (
        "The slope of the relu is 0 or 1, so the error reaches the first layer. But compare with "
        "number 5: on a table as small as iris one hidden layer does as well, with 65 times fewer "
        "parameters.",
        "ReLU の傾きは 0 か 1 なので、誤差は最初の層まで届きます。ただし、5 番と比べてみてください。iris のような"
        "小さな表では、隠れ層が 1 つでも同じくらいの結果になり、パラメータの数は約 65 分の 1 で済みます。",
    ),
    "patience.name": ("the article: 1000 steps", "記事のまま: 1000 ステップ"),
    "patience.why": (
        "Number 1 again, but with time for b to come back from below 0. It can, thanks to a slip: "
        "the article leaves the slope of the output's relu out of yd. That slope is 0 where "
        "b < 0, so with it, an output below 0 for all flowers would never learn again. (Without "
        "it, y - yt is the exact derivative of another loss, `relu(b)^2 / 2 - yt * b`.)",
        "もう一度 1 番のネットワークですが、負になった b が戻ってこられるだけのステップがあります。戻れるのは、"
        "記事の yd に出力層の relu の傾きが抜けているおかげです。この傾きは b < 0 で 0 なので、正しくかけると、"
        "どの花でも b が負になった出力は、二度と学習できません。(傾きをかけない y - yt は、別の損失 "
        "`relu(b)^2 / 2 - yt * b` をちょうど微分したものです。)",
    ),
    "table": ("The ladder (random splits: {splits})", "まとめ (無作為な分割 {splits} 通り)"),
    "network": ("network on iris", "ネットワーク"),
    "before": ("rows\nbefore", "行\n学習前"),
    "after": ("rows\nafter", "行\n学習後"),
    "worst": ("worst\nsplit", "最悪の\n分割"),
    "cells": ("cells\nafter", "セル\n学習後"),
    "noise": (
        "The means after training depend on the random splits: in number 1 by about "
        "`+-{first:.2f}`, in most others by about `+-{rest:.2f}` (two standard errors).",
        "学習後の平均は、分割の乱数によって、1 番では `±{first:.2f}`、ほかの多くでは `±{rest:.2f}` ほど変わります "
        "(標準誤差の 2 倍)。",
    ),
    "conclusion": (
        "With enough steps the article's network is as good as any here. What the changes bring "
        "is that far fewer steps are enough, and that no split goes badly wrong. Which layers, "
        "activations and rates suit other data, only trying tells.",
        "十分なステップがあれば、記事のネットワークもほかに劣りません。ここで見た改良のおかげで、ずっと少ない"
        "ステップで済み、ひどく外れる分割もなくなります。ほかのデータにどの層、どの活性化関数、どの学習率が合うかは、"
        "試してみなければわかりません。",
    ),
    "next": (
        """
Try next:
  jubako train iris                 # today's defaults, on one split
  jubako train iris --hidden 128,128,128,128,128 --activation logistic
  jubako gradcheck                  # check backpropagation without calculus
  jubako article --lang ja          # this lesson in Japanese
Read on: docs/step.md, these formulas next to the code that computes them
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
Backpropagation says how steeply the loss L rises with each parameter w. That can be checked \
without calculus: make w a little larger and a little smaller, and see how much L changes.

    dL/dw is about (L(w + h) - L(w - h)) / 2h

The right side, the difference quotient, uses the forward pass alone. The network, with {rows} rows of {data}:
""",
        """
誤差逆伝播は、パラメータ w を動かすと損失 L がどれだけ急に変わるか (傾き) を求めます。これは微分の公式を\
使わなくても確かめられます。w を少し増やしたときと減らしたときの、L の差を見ればよいのです。

    dL/dw は、およそ (L(w + h) - L(w - h)) / 2h

右辺を計算するには、順方向の計算だけで足ります (数値微分)。調べるのは、次のネットワークです。データは {data} の {rows} 行です。
""",
    ),
    "random": ("random numbers", "乱数"),
    "loss": (
        "    loss: {loss}; dropout is off, numbers have 64 bits",
        "    損失: {loss} (ドロップアウトなし、64 ビットで計算)",
    ),
    "examples": ("One weight of each layer", "各層の重みを 1 つずつ"),
    "weight": ("{name} = {value:.6f}, h = {h:.6g}", "{name} = {value:.6f}、h = {h:.6g}"),
    "backpropagation": ("backpropagation", "誤差逆伝播"),
    "table": ("All layers", "すべての層"),
    "layer": ("layer", "層"),
    "part": ("part", "部分"),
    "checked": ("checked", "調べた数"),
    "size": ("gradient,\nlength", "勾配の\n大きさ"),
    "difference": ("largest\ndifference", "最大の\n差"),
    "error": ("relative\nto slope", "傾きに\n対する比"),
    "agrees": ("agree", "一致"),
    "yes": ("yes", "はい"),
    "no": ("NO", "いいえ"),
    "kinks": (
        "{n} of the numbers stand on a kink of the loss, where the slopes on the left and on the "
        "right differ. Backpropagation's lies between them, and is not judged.",
        "{n} 個のパラメータでは、損失のグラフがそこで折れていて、左右の傾きが異なります。誤差逆伝播の値は"
        "その間にあるので、判定の対象にしません。",
    ),
    "right": (
        "All {n} numbers agree: backpropagation computes the slope of the loss. They can't be "
        "equal to the last digit, since the quotient is rounded, and a curve is not quite "
        "straight between w - h and w + h; differences up to {bound:.0e} of the slope are allowed.",
        "調べた {n} 個のすべてで一致しました。誤差逆伝播は、損失の傾きを正しく計算しています。数値微分には丸め誤差があり、"
        "損失のグラフは w - h と w + h の間でもわずかに曲がっているので、最後の桁までは一致しません。傾きの "
        "{bound:.0e} 倍までの差を許しています。",
    ),
    "wrong": (
        "{n} of {all} numbers disagree, most of all {name} in layer {layer}: backpropagation says "
        "{grad:.6g}, the quotient {quotient:.6g}. Look first at the layer nearest to the output "
        "that disagrees: the error runs backwards from there.",
        "調べた {all} 個のうち {n} 個が一致しません。最もずれているのは {layer} 番目の層の {name} で、誤差逆伝播では "
        "{grad:.6g}、数値微分では {quotient:.6g} です。誤差は逆向きに伝わるので、一致しない層のうち、"
        "出力に最も近い層から調べてください。",
    ),
}
