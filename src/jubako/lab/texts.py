"""What the lab says: in English, then in Japanese."""

from jubako.i18n.ja import in_japanese
from jubako.i18n.language import Language, Texts, say

ACTIVATION_NAMES = {"logistic": ("sigmoid", "シグモイド"), "identity": ("none", "なし")}


class Translator:
    """Says things in one language.

    Parameters
    ----------
    language : Language
    """

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values filled in."""
        return say(TEXTS, key, self.language, **values)

    def said(self, what: Exception | str) -> str:
        """Return what an error, a remark or a description says."""
        sentence = what.args[0] if isinstance(what, Exception) and what.args else what
        return str(in_japanese(sentence) if self.language is Language.ja else sentence)

    def activation(self, name: str) -> str:
        """Return what an activation is called."""
        return ACTIVATION_NAMES.get(name, (name, name))[list(Language).index(self.language)]


TEXTS: Texts = {
    "open at": (
        "The lab is open, until Ctrl-C, at\n  {address}",
        "ラボを開きました (Ctrl-C で終わります)。\n  {address}",
    ),
    "title": ("Jubako lab", "Jubako ラボ"),
    "subtitle": (
        "Build a network, train it, open every box.",
        "ネットワークを作り、学習させ、どの箱も開けて見る",
    ),
    "other language": ("日本語", "English"),
    "theme": ("Light or dark", "明るさ"),
    "theme auto": ("as the system", "システムに合わせる"),
    "theme light": ("light", "明るい"),
    "theme dark": ("dark", "暗い"),
    "welcome": (
        "Press Run and watch the network learn. Each tile shows what one unit has found: open it for its weights, and any number further below for its formula.",
        "「実行」を押すと、ネットワークが学習していく様子が見えます。タイルは、ユニットが何を見つけたかを表します。タイルを開くと重みが、下の数を開くと計算式が見られます。",
    ),
    "begin": ("Begin with lesson 1: {title}", "レッスン 1 から始める: {title}"),
    "offer title": ("Another setup", "別の設定"),
    "offer": (
        "This address holds another setup. Opening it replaces your network, which has been trained for {epoch} epochs.",
        "このアドレスには別の設定が入っています。開くと、{epoch} エポック学習したいまのネットワークは置き換えられます。",
    ),
    "take offer": ("Open it", "開く"),
    "leave offer": ("Keep my network", "いまのネットワークを続ける"),
    "paused alone": (
        "Training was paused, since no page of the lab was open.",
        "ラボのページが開かれていなかったので、学習を一時停止しました。",
    ),
    # the bar
    "controls": ("Training controls", "学習の操作"),
    "run": ("Run", "実行"),
    "pause": ("Pause", "一時停止"),
    "step batch": ("1 batch", "1 バッチ"),
    "step epoch": ("1 epoch", "1 エポック"),
    "step back": ("Back", "1 つ戻る"),
    "reset": ("Reset", "最初から"),
    "keys": (
        "Keys: space runs and pauses, . is one batch, > one epoch, < one step back, r resets.",
        "キー: スペースで実行・一時停止、. で 1 バッチ、> で 1 エポック、< で 1 つ戻る、r で最初から。",
    ),
    "pace": ("Speed", "速さ"),
    "pace slow": ("slow", "ゆっくり"),
    "pace medium": ("medium", "普通"),
    "pace fast": ("fast", "最速"),
    "epoch": ("Epoch", "エポック"),
    "loss": ("Loss", "損失"),
    "accuracy": ("Accuracy", "正解率"),
    "r2": ("R²", "決定係数 R²"),
    "seen": ("to learn from", "学習用"),
    "held": ("held out", "検証用"),
    "status": (
        "Epoch {epoch}: loss {loss}, {name} {score} on rows held out.",
        "エポック {epoch}: 損失 {loss}、検証用データでの{name} {score}",
    ),
    "blown up": (
        "The numbers have grown beyond all bounds. Go one step back and lower the learning rate.",
        "数値が際限なく大きくなりました。1 つ戻って、学習率を下げてください。",
    ),
    "crash": (
        "Training has stopped: {error}. Reset, or change something; the lab goes on.",
        "学習が止まりました: {error}。最初からやり直すか、設定を変えてください。ラボは動き続けています。",
    ),
    # data
    "data": ("Data", "データ"),
    "data set": ("Data set", "データの種類"),
    "shapes": ("Shapes", "図形"),
    "tables": ("Tables", "表"),
    "circle": ("circle", "円"),
    "xor": ("xor", "XOR"),
    "gaussians": ("two clouds", "2 つの群れ"),
    "spiral": ("spiral", "渦巻き"),
    "plane": ("plane (a number)", "平面 (数値)"),
    "waves": ("waves (a number)", "波 (数値)"),
    "iris": ("iris flowers", "アヤメ (iris)"),
    "wine": ("wine", "ワイン"),
    "breast_cancer": ("breast cancer", "乳がん"),
    "digits": ("digits", "手書き数字"),
    "diabetes": ("diabetes (a number)", "糖尿病 (数値)"),
    "own": ("your own table", "自分の表"),
    "upload": ("Your own table", "自分の表を使う"),
    "upload hint": (
        "CSV, Parquet, Arrow or JSON lines, or a lab file. Drop it anywhere on the page. It stays on this machine.",
        "CSV、Parquet、Arrow、JSON Lines、またはラボのファイル。ページのどこにでもドロップできます。この機械の外には出ません。",
    ),
    "choose file": ("Choose a file", "ファイルを選ぶ"),
    "target": ("Column to predict", "予測する列"),
    "noise": ("Noise", "ノイズ"),
    "held_out": ("Share held out", "検証用の割合"),
    "scaled": ("Scale the inputs", "入力をそろえる (標準化)"),
    "seed": ("Seed", "乱数の種"),
    "rows": ("{train} rows to learn from, {test} held out", "学習用 {train} 行、検証用 {test} 行"),
    "drawn": ("({n} drawn from {all} rows)", "({all} 行から {n} 行を抽出)"),
    # network
    "network": ("Network", "ネットワーク"),
    "network of": ("The network: {sizes} units", "ネットワーク: ユニット数 {sizes}"),
    "network hint": (
        "Each tile shows what a unit answers over the picture on the right: blue above 0, orange below. "
        "Thick lines are large weights, dashed ones negative. Open a unit to see and change its weights.",
        "各タイルは、右の図の範囲でそのユニットが出す値です (青は正、橙は負)。線は太いほど重みが大きく、破線は負です。"
        "ユニットを開くと、重みを見たり変えたりできます。",
    ),
    "add layer": ("Add a layer", "層を増やす"),
    "remove layer": ("Remove layer {i}", "{i} 層目を取り除く"),
    "fewer": ("Fewer units in layer {i}", "{i} 層目のユニットを減らす"),
    "more units": ("More units in layer {i}", "{i} 層目のユニットを増やす"),
    "units": ("Units in layer {i}", "{i} 層目のユニット数"),
    "activation": ("Activation of layer {i}", "{i} 層目の活性化関数"),
    "inputs": ("Inputs", "入力"),
    "outputs": ("Output", "出力"),
    "hidden layer": ("Layer {i}", "{i} 層目"),
    "output layer": ("Output", "出力層"),
    "unit": ("layer {i}, unit {k}", "{i} 層目のユニット {k}"),
    "more": ("and {n} more", "ほか {n}"),
    "residual": ("Bridge over layers of equal width", "同じ幅の層に橋をかける (残差接続)"),
    "init": ("Initial weights", "初期の重み"),
    "unit title": (
        "{name}: a = sum of input × weight + bias",
        "{name}: a = (入力 × 重み) の和 + バイアス",
    ),
    "answers of": ("What {name} puts out", "{name}が出す値"),
    "from": ("from", "どこから"),
    "weight": ("weight", "重み"),
    "gradient": ("gradient", "勾配"),
    "bias": ("bias", "バイアス"),
    "edit weight": ("weight from {name}", "{name} からの重み"),
    "edit hint": (
        "Change a number and see what follows. “Back” undoes it. Gradients are means over the rows to learn from.",
        "数値を変えると、結果がすぐに変わります。「1 つ戻る」で取り消せます。勾配は学習用データでの平均です。",
    ),
    "largest": ("The {n} largest of {all}.", "大きいものから {n} 個 (全 {all} 個)。"),
    "close": ("Close", "閉じる"),
    # training
    "training": ("Training", "学習"),
    "loss name": ("Loss", "損失関数"),
    "cross_entropy": ("cross-entropy", "交差エントロピー"),
    "squared_error": ("squared error", "二乗誤差"),
    "absolute_error": ("absolute error", "絶対誤差"),
    "huber": ("Huber", "Huber"),
    "log_cosh": ("log cosh", "log cosh"),
    "quantile": ("median (quantile)", "中央値 (quantile)"),
    "solver": ("Optimizer", "最適化手法"),
    "sgd": ("gradient descent", "勾配降下法"),
    "adam": ("Adam", "Adam"),
    "nadam": ("NAdam", "NAdam"),
    "rate": ("Learning rate", "学習率"),
    "momentum": ("Momentum", "モメンタム"),
    "batch": ("Batch (0: all rows)", "バッチの行数 (0: 全行)"),
    "alpha": ("Penalty on weights (L2)", "重みの罰則 (L2)"),
    "dropout": ("Dropout", "ドロップアウト"),
    "epochs": ("Epochs in a run", "1 回の実行のエポック数"),
    # result
    "result": ("Result", "結果"),
    "curves": ("Curves", "グラフ"),
    "surface of": ("What is predicted, over {x} and {y}", "{x} と {y} に対する予測"),
    "line of": (
        "{y}, and what is predicted of it, over {x}",
        "{x} に対する {y} の値と予測",
    ),
    "scroll hint": (
        "There is more to the side: scroll, or choose this picture and press ← or →.",
        "横に続きがあります。横にスクロールするか、図を選んで ← → キーを押してください。",
    ),
    "axis x": ("Across", "横軸"),
    "axis y": ("Up", "縦軸"),
    "other columns": (
        "The other columns stand at their usual values.",
        "ほかの列は、ふつうの値 (中央値など) に固定しています。",
    ),
    "no axes": (
        "No column holds numbers, so there is no picture. Each pixel of a tile is one row.",
        "数値の列がないので、図は描けません。タイルの 1 画素が 1 行を表します。",
    ),
    # tabs
    "tabs": ("Look closer", "くわしく見る"),
    "inside": ("Look inside", "中を見る"),
    "flow": ("Gradient flow", "勾配の流れ"),
    "weights tab": ("Weights", "重み"),
    "mistakes": ("Mistakes", "間違い"),
    "columns": ("Columns", "列"),
    "take": ("Take away", "持ち帰る"),
    "weights": ("weights", "重み"),
    "gradients": ("gradients", "勾配"),
    "histograms": (
        "How the weights of each layer are spread, and their gradients over {n} rows to learn from.",
        "各層の重みの分布と、学習用 {n} 行での勾配の分布です。",
    ),
    "confusion": (
        "{right} of {n} rows held out are right ({share}).",
        "検証用 {n} 行のうち {right} 行が正解です ({share})。",
    ),
    "truth": ("truth", "正解"),
    "predicted": ("predicted", "予測"),
    "found": ("found", "見つけた割合"),
    "errors": (
        "Half of the {n} rows held out are predicted within {middle}.",
        "検証用 {n} 行の半分は、誤差 {middle} 以内で予測されています。",
    ),
    "errors of": ("Predictions against the truth", "正解と予測の比較"),
    "reading": ("Reading {name} …", "{name} を読んでいます…"),
    "too large": (
        "A file may have {n} MB at most: start the lab with it, as in `jubako lab FILE`, or use `jubako train`.",
        "ファイルは {n} MB までです。`jubako lab ファイル名` としてラボを始めるか、`jubako train` を使ってください。",
    ),
    "not sent": (
        "The file did not arrive. Choose it once more; if it has changed on disk, the browser lets it go.",
        "ファイルを送れませんでした。もう一度選んでください (選んだ後で書き換えられたファイルは送れません)。",
    ),
    "lab file opened": (
        "{name}: on we go from where it was saved.",
        "{name} を開きました。保存したところから続きます。",
    ),
    "table read": (
        "{name}: {taken_for}, {n} rows. Choose the column to predict.",
        "{name}: {taken_for}、{n} 行。予測する列を選んでください。",
    ),
    "profiling": ("Looking at the columns …", "列を調べています…"),
    "column name": ("column", "列"),
    "column type": ("type", "型"),
    "column missing": ("missing", "欠損"),
    "column taken_for": ("taken for", "扱い"),
    # inside
    "inside hint": (
        "Every number of the next step, as “1 batch” will make it. Open any number to see its sum of products, and a check of its gradient.",
        "「1 バッチ」を押すと行われる、次の 1 ステップのすべての数です。どの数も、開くと積の和としての計算式が見えます。勾配は数値微分と比べられます。",
    ),
    "part": ("Part of the step", "ステップのどの部分か"),
    "part before": ("Part before", "前の部分"),
    "next part": ("Next part", "次の部分"),
    "all": ("Everything", "すべて"),
    "forward": ("1. Forward", "1. 順方向"),
    "loss part": ("2. Loss", "2. 損失"),
    "backward": ("3. Backward", "3. 逆方向"),
    "update": ("4. Update", "4. 更新"),
    "rows shown": ("Rows", "行"),
    "rows page": ("rows: part {i} of {n}", "行: {i} / {n}"),
    "units shown": ("Units", "ユニット"),
    "units page": ("units: part {i} of {n}", "ユニット: {i} / {n}"),
    # tries
    "tries": ("Tries", "試したもの"),
    "tries hint": (
        "The networks that you have trained, the latest last. Compare what each cost with what it brought.",
        "学習させたネットワークです (最後が最新)。かかったものと、得られたものを比べてください。",
    ),
    "try": ("no.", "番号"),
    "parameters": ("parameters", "パラメータ数"),
    "seconds": ("seconds", "秒"),
    "score train": ("score, to learn from", "学習用"),
    "score test": ("score, held out", "検証用"),
    "raw": ("raw inputs", "入力は元のまま"),
    # lessons
    "choose lesson": ("Guided lessons", "レッスンを選ぶ"),
    "free": ("No lesson: free play", "レッスンなしで自由に使う"),
    "lesson number": ("Lesson {i} of {n}", "レッスン {i} / {n}"),
    "do": ("To do", "やってみよう"),
    "check answer": ("Check", "確かめる"),
    "right": ("Right.", "正解です。"),
    "not right": (
        "Not yet: it is not {given}. Look at every product once more.",
        "まだ違います ({given} ではありません)。積を 1 つずつ見直してください。",
    ),
    "done": ("Done!", "できました!"),
    "next lesson": ("Next lesson", "次のレッスン"),
    "again": ("Start again", "もう一度"),
    "leave": ("Leave the lesson", "レッスンを終える"),
    # take away
    "python": ("The same in Python", "Python で書くと"),
    "python hint": (
        "These lines rebuild this network and train it for as many epochs, to the same numbers.",
        "このネットワークを作り、同じエポック数だけ学習させるプログラムです。同じ数値になります。",
    ),
    "copy": ("Copy", "コピー"),
    "copied": ("Copied.", "コピーしました。"),
    "files": ("Files", "ファイル"),
    "save lab": ("Save the lab file", "ラボのファイルを保存"),
    "save lab hint": (
        "All of it: data of your own, network, weights, curves. Drop it on the page to go on.",
        "自分のデータ、ネットワーク、重み、グラフをすべて保存します。ページにドロップすると続きから始められます。",
    ),
    "save model": ("Save the model", "モデルを保存"),
    "save model hint": (
        "A .jubako file for `jubako predict`, or `jubako.load` in Python.",
        ".jubako ファイルです。jubako predict や、Python の jubako.load で使えます。",
    ),
    "share": ("For others", "ほかの人に渡す"),
    "share hint": (
        "The address of this page holds the whole setup, without data of your own. What you tick is hidden from those who open it.",
        "このページのアドレスには、設定がすべて入っています (自分のデータは入りません)。印を付けた部分は、開いた人の画面に出ません。",
    ),
    "hide": ("Hide: {part}", "隠す: {part}"),
    "lessons": ("Lessons", "レッスン"),
    "tabs part": ("Look closer", "くわしく見る"),
    "copy address": ("Copy the address", "アドレスをコピー"),
    "show all": ("Show everything", "すべて表示する"),
    # flow
    "flow of": (
        "Sizes of delta and of the gradient in each layer, on a logarithmic scale",
        "各層での delta と勾配の大きさ (対数目盛)",
    ),
    "delta of": ("delta = dL/da of a row", "delta = 1 行の dL/da"),
    "gradient of": ("gradient dL/dw", "勾配 dL/dw"),
    "bound of": ("0.25 for each sigmoid layer", "シグモイド 1 層ごとに 0.25 倍"),
    "flow note": (
        "Root mean squares over {n} rows to learn from. The error runs from right to left. The dotted line leaves the weights aside.",
        "学習用 {n} 行での二乗平均平方根です。誤差は右から左へ伝わります。点線は、重みの影響を除いたものです。",
    ),
    "verdict healthy": ("Healthy.", "健康です。"),
    "remedy healthy": (
        "The error reaches every layer: at the first, delta is {share} times what it is at the output.",
        "誤差は、どの層にも届いています。最初の層の delta は、出力層の {share} 倍です。",
    ),
    "verdict vanishing": ("Vanishing.", "勾配が消えています。"),
    "remedy vanishing": (
        "Less than a hundredth of the error reaches the first layer, so it hardly learns. Try relu instead of sigmoid, fewer layers, or the bridge.",
        "最初の層に届く誤差は 100 分の 1 未満なので、その層はほとんど学習できません。シグモイドを relu に変える、層を減らす、橋をかける、などを試してください。",
    ),
    "verdict exploding": ("Exploding.", "勾配が爆発しています。"),
    "remedy exploding": (
        "The error grows more than a hundredfold on its way to the first layer. Lower the learning rate, or choose other initial weights.",
        "誤差は最初の層に着くまでに 100 倍以上になっています。学習率を下げるか、初期の重みを変えてください。",
    ),
    "verdict dead": ("Dead units.", "働いていないユニットがあります。"),
    "remedy dead": (
        "More than half of a layer's units put out 0 for every row; they have no slope, and can't learn any more. Try leaky_relu, He's initial weights or a lower learning rate.",
        "ある層のユニットの半分以上が、どの行でも 0 を出しています。傾きが 0 なので、もう学習できません。leaky_relu、He の初期値、小さな学習率を試してください。",
    ),
    "verdict learned": ("Nothing left to learn.", "もう学ぶことがありません。"),
    "remedy learned": (
        "The error is nearly 0 already at the output.",
        "誤差は、出力の時点でほとんど 0 です。",
    ),
    "verdict blown up": ("Blown up.", "発散しました。"),
    "remedy blown up": (
        "The numbers are no longer finite. Go back, and lower the learning rate.",
        "数値が有限でなくなりました。戻って、学習率を下げてください。",
    ),
}
