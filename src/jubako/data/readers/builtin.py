"""Small tables of scikit-learn."""

import pyarrow as pa

BUILT_IN = {  # name: name of its target column
    "iris": "species",
    "wine": "cultivar",
    "breast_cancer": "diagnosis",
    "digits": "digit",
    "diabetes": "progression",
}


def built_in(name: str) -> pa.Table:
    """Return a table of scikit-learn, with its target as the last column.

    Parameters
    ----------
    name : str
        A name in `BUILT_IN`.

    Returns
    -------
    pyarrow.Table
    """
    from sklearn import datasets

    data = getattr(datasets, f"load_{name}")()
    columns = {
        str(feature).replace(" (cm)", "").replace(" ", "_"): values
        for feature, values in zip(data.feature_names, data.data.T, strict=True)
    }
    labels = data.get("target_names")
    columns[BUILT_IN[name]] = data.target if labels is None else labels[data.target]
    return pa.table(columns)
