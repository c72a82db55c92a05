"""Japanese texts: exported models (messages of `export`)."""

TEXTS = {
    "A page with a form needs a model for tables, but this one is for arrays: train it with "
    "TabularClassifier or TabularRegressor.": (
        "入力欄のあるページには表のためのモデルが必要ですが、このモデルは配列用です。TabularClassifier か "
        "TabularRegressor で学習してください。"
    ),
    "An export to ONNX needs the package onnx: pip install 'jubako[onnx]'.": (
        "ONNX への書き出しには onnx が必要です。pip install 'jubako[onnx]' でインストールしてください。"
    ),
    "A model can't be exported as {path!r}: the name must end with {endings}.": (
        "モデルを「{path}」に書き出せません。ファイル名の末尾を {endings} のどれかにしてください。"
    ),
    "The model can't be exported: there is no exporter of the {kind} {name!r}.": (
        "モデルを書き出せません。{kind} の「{name}」には書き出しの方法がありません。"
    ),
    "The model can't be exported to ONNX, where an output is called {name!r}: rename that column, and "
    "train again.": (
        "モデルを ONNX に書き出せません。「{name}」は ONNX の出力の名前なので、その列の名前を変えて学習し直してください。"
    ),
}
