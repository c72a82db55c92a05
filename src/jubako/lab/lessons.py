"""Lessons: each is a text, a prepared network, a thing to do, and a check that it was done.

A lesson is one entry in `LESSONS`. Its texts are in English, then in Japanese; a blank line ends a
paragraph, a line that begins with a space is a formula, and `x` stands out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jubako.core.layers import forward
from jubako.explain.render.markup import Markup, element, fragment
from jubako.i18n.language import Language

from .configuration import Box, Setup

if TYPE_CHECKING:
    from .clients import Client
    from .session import Session

NEAR = 0.01  # how far an answer may be off, relatively; and absolutely below one

Pair = tuple[str, str]
"""A text in English and in Japanese."""

Action = tuple[str, ...]
"""What to do on the page: ("press", id), ("choose", id, value), ("type", id, text), or ("answer",)."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson.

    Parameters
    ----------
    title, text, task : pair of str
        What it is called, what it says, what to do.
    setup : Setup
        The network that it begins with.
    tab : str
        Which part is open below.
    check : callable
        Tells whether the learner has done it.
    way : tuple of actions
        One way to do it: the tests go it.
    question : pair of str, optional
        What number to type.
    answer : callable, optional
        That number.
    """

    title: Pair
    text: Pair
    task: Pair
    setup: Setup
    check: Callable[["Client"], bool]
    way: tuple[Action, ...]
    tab: str = "inside"
    question: Pair | None = None
    answer: Callable[["Session"], float] | None = None

    def say(self, texts: Pair, language: Language) -> str:
        """Return the text in a language."""
        return texts[list(Language).index(language)].strip()


def as_html(text: str) -> Markup:
    """Return a text with its paragraphs and formulas."""
    parts = list[Markup]()
    for part in text.split("\n\n"):
        if part.startswith(" "):
            parts.append(element("pre", {"class": "formula"}, part))
        else:
            pieces = part.split("`")
            marked = (element("code", {}, p) if i % 2 else p for i, p in enumerate(pieces))
            parts.append(element("p", {}, *marked))
    return fragment(*parts)


def is_near(given: float | None, right: float) -> bool:
    """Tell whether an answer is right, as far as it was typed."""
    return given is not None and abs(given - right) <= NEAR * max(1.0, abs(right))


# What answers and checks are made of


def hidden_sum(session: "Session") -> float:
    """Return a of the first hidden unit, for the first row of the batch."""
    snapshot = session.snapshot()
    _, pages = forward(snapshot.net.layers, snapshot.parts, snapshot.batch.x)
    return float(pages[0].a[0, 0])


def hidden_error(session: "Session") -> float:
    """Return ud of the first hidden unit, for the first row of the batch."""
    snapshot = session.snapshot()
    _, deltas = snapshot.gradients(snapshot.batch)
    return float(deltas[0][0, 0])


def first_gradient(session: "Session") -> float:
    """Return dL/dv from the first input to the first hidden unit, over the batch."""
    snapshot = session.snapshot()
    grads, _ = snapshot.gradients(snapshot.batch)
    return float(snapshot.layers[0].w(grads)[0, 0])


def answered(client: "Client") -> bool:
    """Tell whether the lesson's question was answered rightly."""
    answer = LESSONS[client.lesson].answer
    return answer is not None and is_near(client.answer, answer(client.session))


def scored(client: "Client", least: float) -> bool:
    """Tell whether enough rows that were held out are right."""
    return client.session.points[-1].test_score >= least


def depths(client: "Client", epochs: int) -> set[int]:
    """Return the numbers of hidden layers that were trained for so long."""
    return {len(t.setup.boxes) for t in client.session.all_tries() if t.epochs >= epochs}


ONE_ROW = Setup(
    data="iris", boxes=(Box(3, "tanh"),), batch=1, rate=0.1, epochs=100, init="glorot", held_out=0.3
)
DEEP = Setup(
    data="iris", boxes=(Box(16, "logistic"),) * 5, init="glorot", batch=0, held_out=0.3, epochs=300
)
LADDER = Setup(
    data="iris", boxes=(Box(128, "relu"),), init="he", loss="squared_error", scaled=False,
    batch=0, rate=0.01, held_out=0.3, epochs=100, seed=13,
)  # fmt: skip

LESSONS: dict[str, Lesson] = {
    "hidden": Lesson(
        title=("Why hidden layers", "なぜ隠れ層が要るのか"),
        text=(
            """
Without a hidden layer, a network is one weighted sum and one function: Y = f(W·X). Its border between \
two classes is a straight line.

Here the same class lies in opposite quarters. No straight line parts that. Press Run: about half of \
the rows come out right, as with a coin.

A hidden layer does the same thing twice: u = f1(W1·X), then Y = f2(W2·u). Each hidden unit draws one \
line of its own, and the output puts them together.
""",
            """
隠れ層のないネットワークは、重みをかけて足し、関数に 1 回通すだけです (Y = f(W・X))。\
2 つのクラスの境目は、1 本の直線になります。

このデータでは、向かい合う 2 つの隅が同じクラスです。1 本の直線では分けられません。「実行」を押してみてください。\
正解するのは半分ほどで、コイン投げと変わりません。

隠れ層は、同じことを 2 回繰り返します。u = f1(W1・X)、そして Y = f2(W2・u) です。\
隠れ層のユニットがそれぞれ 1 本の線を引き、出力層がそれらを組み合わせます。
""",
        ),
        task=(
            "Add a layer and run, until 9 of 10 rows held out are right.",
            "層を増やして実行し、検証用データの 9 割以上を正解させてください。",
        ),
        setup=Setup(data="xor", noise=0.05, boxes=(), epochs=200),
        tab="mistakes",
        check=lambda client: bool(client.session.setup.boxes) and scored(client, 0.9),
        way=(("press", "run"), ("press", "add-layer"), ("press", "run")),
    ),
    "forward": Lesson(
        title=("Forward: from x to y", "順方向の計算: x から y まで"),
        text=(
            """
Four lengths of a flower go in, three probabilities come out. The batch is one flower, so that every \
number fits on the page.

 a = x @ v + bias        each hidden unit: a weighted sum
 u = f(a)                here f is tanh
 b = u @ w + bias        each output: a weighted sum again
 y = softmax(b)          probabilities that sum to one

Look below at “Look inside”, or open the first tile of layer 1 to see its four weights and its bias.
""",
            """
花の 4 か所の長さが入り、3 つの確率が出てきます。すべての数が見渡せるように、バッチは花 1 つだけにしてあります。

 a = x @ v + バイアス     隠れ層のユニットごとに、重みをかけて足す
 u = f(a)                ここでは f は tanh
 b = u @ w + バイアス     出力ごとに、もう一度、重みをかけて足す
 y = softmax(b)          合計が 1 になる確率

下の「中を見る」を開くか、1 層目のいちばん上のタイルを開いて、4 つの重みとバイアスを見てください。
""",
        ),
        task=(
            "Work out a of the first hidden unit: four products and the bias, added up.",
            "隠れ層の最初のユニットの a を計算してください。4 つの積とバイアスの和です。",
        ),
        question=("a of h1 is", "h1 の a は"),
        answer=hidden_sum,
        setup=ONE_ROW,
        check=answered,
        way=(("answer",),),
    ),
    "backwards": Lesson(
        title=("Why the error must run backwards", "なぜ誤差は逆向きに伝わるのか"),
        text=(
            """
At the output we know the truth: the error is yd = y − yt, prediction minus target. But nobody has a \
target for a hidden unit. What was its share in the error?

It acted through its weights w alone. An output that it fed strongly passes much of its error back, \
one that it hardly fed passes little. So the errors of the outputs run back along the same weights, \
from right to left, and add up.
""",
            """
出力層では正解がわかっているので、誤差は yd = y − yt (予測 − 正解) です。しかし、隠れ層のユニットには\
正解がありません。そのユニットは、誤差にどれだけかかわったのでしょうか。

ユニットが影響を与えた道は、重み w だけです。強くつながっていた出力からは誤差が多く戻り、ほとんどつながって\
いなかった出力からは少ししか戻りません。つまり、出力の誤差が同じ重みを通って右から左へ戻り、足し合わされます。
""",
        ),
        task=(
            "Open an output tile, set one of its weights to 0 and see how the loss changes. Then look at “Gradient flow”.",
            "出力のタイルを開いて重みを 1 つ 0 にし、損失がどう変わるか見てください。そのあと「勾配の流れ」を開いてください。",
        ),
        setup=ONE_ROW,
        check=lambda client: client.session.edited and "flow" in client.seen,
        way=(("press", "t2-0"), ("type", "w-1-w-0-0", "0"), ("press", "tab-flow")),
    ),
    "formulas": Lesson(
        title=("The four formulas", "4 つの式"),
        text=(
            """
All of learning is in four lines. M is the number of rows in the batch, ⊙ multiplies number by number.

 yd = y − yt
 ud = f'(a) ⊙ (yd @ w.T)         the error runs back through w, times the slope of f
 dL/dw = u.T @ yd / M
 dL/dv = x.T @ ud / M

The last two have the same form: what came in, times the error of what came out. That holds for any \
number of layers. Then each weight moves a little against its gradient: w = w − rate · dL/dw.

For tanh the slope is f'(a) = 1 − u².
""",
            """
学習のすべては、次の 4 行です。M はバッチの行数、⊙ は成分ごとの積です。

 yd = y − yt
 ud = f'(a) ⊙ (yd @ w.T)         誤差が w を通って戻り、f の傾きがかかる
 dL/dw = u.T @ yd / M
 dL/dv = x.T @ ud / M

終わりの 2 つは同じ形で、「入ってきた値 × 出ていった値の誤差」です。層がいくつあっても変わりません。\
そして、どの重みも勾配と逆の向きに少し動きます (w = w − 学習率 × dL/dw)。

tanh の傾きは f'(a) = 1 − u² です。
""",
        ),
        task=(
            "Work out ud of the first hidden unit: three products of yd and w, added up, times the slope.",
            "隠れ層の最初のユニットの ud を計算してください。yd と w の 3 つの積の和に、傾きをかけます。",
        ),
        question=("ud of h1 is", "h1 の ud は"),
        answer=hidden_error,
        setup=ONE_ROW,
        check=answered,
        way=(("answer",),),
    ),
    "chain": Lesson(
        title=("Where they come from: the chain rule", "式の導き方: 連鎖律"),
        text=(
            """
How does the loss L change when a weight v from input j to hidden unit i moves a little? Follow the \
way, step by step:

 v → a → u → b → L
 dL/dv = dL/da · da/dv

First, a = x1·v1 + x2·v2 + …, so da/dv is what stands beside v: da/dv = xj.

Second, a reaches L through u alone: dL/da = dL/du · du/da, and du/da is the slope f'(a).

Third, u reaches L through every output. Each way counts, so they are added up:

 dL/du = Σ dL/db · db/du = Σ yd · w

Together: dL/da = f'(a) · Σ(yd · w), which we called ud, and dL/dv = xj · ud.
""",
            """
入力 j から隠れ層のユニット i への重み v を少し動かすと、損失 L はどう変わるでしょうか。道をたどってみます。

 v → a → u → b → L
 dL/dv = dL/da · da/dv

まず、a = x1·v1 + x2·v2 + … なので、da/dv は v にかかっている数です。da/dv = xj。

次に、a は u だけを通って L に届きます。dL/da = dL/du · du/da で、du/da は傾き f'(a) です。

最後に、u はすべての出力を通って L に届きます。どの道も数に入るので、足し合わせます (全微分)。

 dL/du = Σ dL/db · db/du = Σ yd · w

まとめると、dL/da = f'(a) · Σ(yd · w) です。これを ud と呼びました。そして dL/dv = xj · ud です。
""",
        ),
        task=(
            "Work out dL/dv from the first input (sepal_length) to the first hidden unit.",
            "最初の入力 (sepal_length) から隠れ層の最初のユニットへの dL/dv を計算してください。",
        ),
        question=("dL/dv is", "dL/dv は"),
        answer=first_gradient,
        setup=ONE_ROW.but(seed=2),
        check=answered,
        way=(("answer",),),
    ),
    "sigmoid": Lesson(
        title=("Five layers of sigmoids", "シグモイド 5 層"),
        text=(
            """
The slope of the sigmoid is f(a)(1 − f(a)), at most 0.5 · 0.5 = 0.25. On its way back the error is \
multiplied by it in every layer. After five layers at most 0.25⁵ ≈ 0.001 is left, unless the weights \
make up for it.

Run it and watch “Gradient flow”: the bars fall towards the input, along the dotted line. The first \
layers hardly learn, and the answers stay a guess.

relu has the slope 0 or 1.
""",
            """
シグモイドの傾きは f(a)(1 − f(a)) で、最大でも 0.5 · 0.5 = 0.25 です。誤差は逆向きに伝わるとき、層を通るたびに\
この傾きをかけられます。5 層では、重みが補わないかぎり、0.25⁵ ≈ 0.001 倍以下になります。

実行して、「勾配の流れ」を見てください。棒は入力に近づくほど、点線に沿って短くなります。最初の層はほとんど学習できず、\
答えはでたらめのままです。

relu の傾きは 0 か 1 です。
""",
        ),
        task=(
            "See it fail. Then make all five layers relu and run: 85 % of the rows held out should be right.",
            "失敗を確かめてから、5 層をすべて relu に変えて実行し、検証用データの 85% 以上を正解させてください。",
        ),
        setup=DEEP,
        tab="flow",
        check=lambda client: (
            len(client.session.setup.boxes) >= 5
            and {box.activation for box in client.session.setup.boxes} == {"relu"}
            and scored(client, 0.85)
        ),
        way=(
            ("press", "run"),
            *(("choose", f"activation-{i}", "relu") for i in range(5)),
            ("press", "run"),
        ),
    ),
    "he": Lesson(
        title=("How large the first weights are", "重みの初期値"),
        text=(
            """
relu sets about half of the numbers to 0. With weights of variance 1 / n (n is the number of inputs of \
the layer; LeCun's rule), each layer passes on only half of the variance, forward as well as backward. \
After eight layers little is left.

He's rule makes the variance 2 / n: twice as much, which just makes up for it. In Python: \
`np.random.randn(n, m) / np.sqrt(n / 2)`.

Here are eight layers of 128 units with LeCun's rule, and a run of 20 epochs.
""",
            """
relu は、およそ半分の数を 0 にします。重みの分散が 1 / n (n はその層に入る数。LeCun の初期値) だと、順方向でも逆方向でも、\
層を通るたびに分散が半分になります。8 層を通ると、ほとんど残りません。

He の初期値は分散を 2 / n、つまり 2 倍にして、ちょうど補います。Python では \
`np.random.randn(n, m) / np.sqrt(n / 2)` と書きます。

ここには、LeCun の初期値で始まる 128 ユニット × 8 層があり、1 回の実行は 20 エポックです。
""",
        ),
        task=(
            "Run it. Then choose the initial weights “he”, run again and compare: 85 % should be right after 20 epochs.",
            "実行してください。次に、初期の重みを「he」にしてもう一度実行し、比べてください。20 エポックで 85% 以上が正解になるはずです。",
        ),
        setup=Setup(
            data="wine",
            boxes=(Box(128, "relu"),) * 8,
            init="lecun",
            batch=0,
            rate=0.05,
            held_out=0.3,
            epochs=20,
        ),
        tab="flow",
        check=lambda client: (
            client.session.setup.init == "he"
            and client.session.epoch <= 20
            and len(client.session.setup.boxes) == 8
            and scored(client, 0.85)
        ),
        way=(("press", "run"), ("choose", "init", "he"), ("press", "run")),
    ),
    "cost": Lesson(
        title=("Depth against compute", "層の数と計算量"),
        text=(
            """
More layers can say more, but each one costs. The pictures here are digits of 8 × 8 pixels; a run is \
20 epochs.

“Tries” below keeps what you have trained: parameters, seconds, rows right. Compare what another layer \
brings with what it costs.
""",
            """
層を増やすと表せるものは増えますが、そのぶん計算も増えます。データは 8 × 8 画素の手書き数字で、1 回の実行は 20 エポックです。

下の「試したもの」には、学習させたネットワークのパラメータ数、秒数、正解率が残ります。層を 1 つ増やして得られるものと、\
かかるものを比べてください。
""",
        ),
        task=(
            "Run it with no hidden layer, with one, and with two.",
            "隠れ層なし、1 層、2 層で、それぞれ実行してください。",
        ),
        setup=Setup(data="digits", boxes=(), batch=32, rate=0.1, epochs=20),
        tab="tries",
        check=lambda client: len(depths(client, 20)) >= 3,
        way=(
            ("press", "run"),
            ("press", "add-layer"),
            ("press", "run"),
            ("press", "add-layer"),
            ("press", "run"),
        ),
    ),
    "ladder": Lesson(
        title=("The ladder: iris from 0.6 to 0.95", "はしご: iris を 0.6 から 0.95 へ"),
        text=(
            """
A Japanese introduction to machine learning (2022) ends with nearly this network: 128 hidden units with \
relu, He's weights, squared errors, raw lengths, rate 0.01, 100 steps over all rows. (Here it has biases, \
and no relu at the output.)

Take one rung at a time, and run each:

1. Loss: cross-entropy. Squares ask for exactly 0 or 1; softmax asks for probabilities.

2. Scale the inputs. Raw lengths are all positive, so every flower looks like the next.

3. Learning rate 0.1: ten times longer steps.

4. 1000 epochs: ten times the work. Was it worth it?

45 flowers are few, and one split is luck: with another seed a rung may lead down. `jubako article` \
climbs the ladder on 100 splits.
""",
            """
ブログの連載「機械学習入門」の最終回 (2022 年) に出てくるものと、ほぼ同じネットワークです。relu の隠れ層 128 ユニット、He の初期値、二乗誤差、元のままの長さ、学習率 0.01、\
全行を使って 100 ステップ。(違いは、バイアスがあることと、出力に relu がないことです。)

1 段ずつ上り、そのたびに実行してください。

1. 損失関数を交差エントロピーに。二乗誤差はちょうど 0 か 1 を求めますが、ソフトマックスは確率を求めます。

2. 入力をそろえる。元の長さはすべて正の数なので、どの花もよく似て見えます。

3. 学習率を 0.1 に。1 歩が 10 倍になります。

4. 1000 エポックに。計算量は 10 倍です。それに見合うでしょうか。

花 45 個では少なく、1 回の分割の結果は運に左右されます。乱数の種を変えると、下がる段もあります。`jubako article` は、\
同じはしごを 100 通りの分割で上ります。
""",
        ),
        task=(
            "Train at least four rungs, and reach 0.95 on the rows held out.",
            "4 段以上を学習させ、検証用データの正解率 0.95 に達してください。",
        ),
        setup=LADDER,
        tab="tries",
        check=lambda client: (
            len({t.setup for t in client.session.all_tries() if t.epochs >= 100}) >= 4
            and scored(client, 0.95)
        ),
        way=(
            ("press", "run"),
            ("choose", "loss", ""),
            ("press", "run"),
            ("press", "scaled"),
            ("press", "run"),
            ("type", "rate", "0,1"),
            ("press", "run"),
        ),
    ),
    "slope": Lesson(
        title=("Check a gradient by hand", "勾配を手で確かめる"),
        text=(
            """
A gradient says how steeply the loss rises with a weight. That can be seen without calculus: make the \
weight a little larger, and look at what the loss does.

 dL/dw ≈ (loss after − loss before) / (w after − w before)

Open the first tile of layer 1. Beside each weight stands its gradient. Make one weight larger by 0.1 \
and compare; “Back” undoes it. “Look inside” does the same with a far smaller step.
""",
            """
勾配は、重みを大きくすると損失がどれだけ急に増えるかを表します。微分の公式を使わなくても確かめられます。\
重みを少し大きくして、損失がどう変わるかを見ればよいのです。

 dL/dw ≈ (あとの損失 − 前の損失) ÷ (あとの w − 前の w)

1 層目の最初のタイルを開いてください。重みの隣に勾配があります。重みを 1 つ 0.1 だけ大きくして、比べてください。\
「1 つ戻る」で取り消せます。「中を見る」では、同じことをもっと小さな幅で行えます。
""",
        ),
        task=(
            "Open a unit, change one weight, and type the gradient of the loss for the bias of the first hidden unit as it stands there.",
            "ユニットを開いて重みを 1 つ変え、隠れ層の最初のユニットのバイアスの勾配を読み取って、入力してください。",
        ),
        question=("dL/d(bias) of h1 is", "h1 のバイアスの勾配は"),
        answer=lambda session: float(
            session.snapshot().layers[0].b(session.snapshot().gradients()[0])[0, 0]
        ),
        setup=Setup(data="waves", boxes=(Box(4, "tanh"),), batch=0, seed=3),
        check=lambda client: client.session.edited and answered(client),
        way=(("press", "t1-0"), ("type", "w-0-w-0-0", "1.5"), ("answer",)),
    ),
    "trial": Lesson(
        title=("Find a network by trial", "試行錯誤で探す"),
        text=(
            """
Which layers, activations and rates suit the data, only trying tells. Here are two arms around each \
other, and a network that is too small for them.

Change one thing at a time, run, and look at “Tries”. Where the loss hardly falls, try Adam or another \
rate; where the rows to learn from come out right and those held out do not, the network is too large \
or has trained too long.
""",
            """
どの層、どの活性化関数、どの学習率がデータに合うかは、試してみなければわかりません。ここには 2 本の腕の渦巻きと、\
それには小さすぎるネットワークがあります。

1 つずつ変えて実行し、「試したもの」を見てください。損失がほとんど減らないときは、Adam や別の学習率を試します。\
学習用では正解するのに検証用では外れるときは、ネットワークが大きすぎるか、学習が長すぎます。
""",
        ),
        task=(
            "Find a network that is right on 9 of 10 rows held out.",
            "検証用データの 9 割以上を正解するネットワークを見つけてください。",
        ),
        setup=Setup(data="spiral", noise=0.02, boxes=(Box(4, "tanh"),), epochs=300),
        tab="tries",
        check=lambda client: scored(client, 0.9),
        way=(
            ("press", "run"),
            ("press", "add-layer"),
            ("type", "units-0", "１６"),
            ("type", "units-1", "8"),
            ("choose", "solver", "adam"),
            ("type", "rate", "0.01"),
            ("press", "run"),
        ),
    ),
}


def finish(client: "Client") -> bool:
    """Tell whether the learner has just done the lesson, and remember it."""
    lesson = LESSONS.get(client.lesson)
    if lesson is None or client.lesson in client.done or not lesson.check(client):
        return False
    client.done.add(client.lesson)
    return True


def begin(client: "Client", key: str) -> None:
    """Begin a lesson: its network is built, and what was tried before is put aside."""
    lesson = LESSONS[key]
    client.session.build(lesson.setup)
    client.session.tries.clear()
    client.lesson, client.tab, client.answer = key, lesson.tab, None
    client.seen = {lesson.tab}
    client.done.discard(key)


def leave(client: "Client") -> None:
    """End the lesson; the network stays."""
    client.lesson = ""


def following(key: str) -> str:
    """Return the lesson after this one; "" after the last."""
    names = list(LESSONS)
    i = names.index(key) + 1
    return names[i] if i < len(names) else ""
