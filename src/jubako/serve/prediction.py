"""From the body of a request to the body of its answer."""

from collections.abc import Sequence

import pyarrow as pa

from jubako.data.column_encoding import check_names, unseen_notes
from jubako.data.errors import rows_of_file
from jubako.i18n.language import Language
from jubako.i18n.messages import Message
from jubako.model.prediction_table import number_type, prediction_table

from .answers import encoded
from .errors import SOURCE, RequestError, in_language
from .model_file import LoadedModel
from .options import Options
from .requests import Body, rows_of


def answer(
    loaded: LoadedModel,
    body: Body,
    options: Options,
    most_rows: int,
    kind: str,
    language: Language,
) -> tuple[bytes, int]:
    """Predict the rows of a request.

    Parameters
    ----------
    loaded : LoadedModel
    body : Body
    options : Options
    most_rows : int
        Maximum number of rows.
    kind : str
        Format of the answer, one of `FORMATS`.
    language : Language
        Of notes.

    Returns
    -------
    content : bytes
    n_rows : int

    Raises
    ------
    TableError, ParameterError, ModelFileError
        If the rows can't be read or predicted.
    RequestError
        If there are too many.
    """
    notes, tables, n_rows = list[str](), list[pa.Table](), 0
    for piece in rows_of(body, loaded.names, loaded.keep, notes):
        if n_rows + piece.num_rows > most_rows:
            raise RequestError(
                413,
                Message(
                    "The request has more than {n} rows: send them in several requests.",
                    n=most_rows,
                ),
            )
        check_names(loaded.names, piece, SOURCE)
        with rows_of_file(range(n_rows, n_rows + piece.num_rows)):
            notes += unseen_notes(loaded.model.columns, piece)
            tables.append(predicted(loaded, piece, options))
        n_rows += piece.num_rows
    table = pa.concat_tables(tables)
    return encoded(table, in_words(notes, language), kind), n_rows


def predicted(loaded: LoadedModel, piece: pa.Table, options: Options) -> pa.Table:
    """Return the table of predictions, as `jubako predict` writes it, and contributions.

    Parameters
    ----------
    loaded : LoadedModel
    piece : pyarrow.Table
    options : Options

    Returns
    -------
    pyarrow.Table
    """
    table = prediction_table(
        loaded.model, piece, loaded.target, proba=options.proba, coverages=options.interval
    )
    if options.contributions:
        kind = number_type(loaded.model) if loaded.model.task == "regress" else pa.float32()
        for name, changes in loaded.model.contributions(piece).items():
            table = table.append_column(f"contribution({name})", pa.array(changes).cast(kind))
    return table


def in_words(notes: Sequence[str], language: Language) -> list[str]:
    """Return notes in a language, each once."""
    return list(dict.fromkeys(in_language(note, language) for note in notes))
