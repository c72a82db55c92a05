"""The compiled library: find it, select the build for this processor, and declare it to ctypes."""

import ctypes
import os
from ctypes import (
    POINTER,
    Structure,
    c_double,
    c_int,
    c_int32,
    c_int64,
    c_uint32,
    c_uint64,
    c_void_p,
)
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jubako.core.errors import ParameterError
from jubako.i18n.messages import Message

BUILDS = "avx512", "avx2", "baseline"  # the fastest first
NOT_COMPILED = Message("was not compiled when Jubako was installed")


class Layer(Structure):
    """`Layer` of job.hpp."""

    _fields_ = (
        ("kind", c_int32),
        ("activation", c_int32),
        ("n_in", c_int64),
        ("n_out", c_int64),
        ("inside", c_int64),
        ("w", c_int64),
        ("b", c_int64),
        ("rate", c_double),
        ("draw", c_int64),
        ("n_numbers", c_int64),
        ("n_frequencies", c_int64),
        ("n_sums", c_int64),
        ("levels", POINTER(c_int64)),
        ("most", c_int64),
        ("lr_multiplier", c_double * 2),
        ("decay_multiplier", c_double * 2),
    )


class Job(Structure):
    """`Job` of job.hpp."""

    _fields_ = (
        ("layers", POINTER(Layer)),
        ("n_layers", c_int64),
        ("n_params", c_int64),
        ("loss", c_int32),
        ("loss_settings", c_double * 1),
        ("alpha", c_double),
        ("rule", c_int32),
        ("settings", c_double * 3),
        ("weight_decay", c_double),
        ("max_grad_norm", c_double),
        ("x", c_void_p),
        ("x_row", c_int64),
        ("x_col", c_int64),
        ("y", c_void_p),
        ("y_cols", c_int64),
        ("w", c_void_p),
        ("n_rows", c_int64),
        ("most_rows", c_int64),
        ("batch_size", c_int64),
        ("total", c_double),
        ("rows", c_void_p),
        ("first_rows", c_void_p),
        ("order", c_void_p),
        ("ordered", c_void_p),
        ("n_networks", c_int64),
        ("n_epochs", c_int64),
        ("n_steps", c_int64),
        ("first_epoch", c_int64),
        ("theta", c_void_p),
        ("m", c_void_p),
        ("v", c_void_p),
        ("t", c_void_p),
        ("seeds", c_void_p),
        ("rates", c_void_p),
        ("losses", c_void_p),
        ("grad", c_void_p),
        ("thetas", c_void_p),
        ("ms", c_void_p),
        ("vs", c_void_p),
        ("ts", c_void_p),
        ("done", c_void_p),
        ("n_threads", c_int64),
    )


class PredictJob(Structure):
    """`PredictJob` of job.hpp."""

    _fields_ = (
        ("layers", POINTER(Layer)),
        ("n_layers", c_int64),
        ("n_params", c_int64),
        ("x", c_void_p),
        ("x_row", c_int64),
        ("x_col", c_int64),
        ("n_rows", c_int64),
        ("theta", c_void_p),
        ("n_networks", c_int64),
        ("out", c_void_p),
        ("done", c_void_p),
        ("n_threads", c_int64),
        ("predictor", c_void_p),
    )


class Entry(NamedTuple):
    """A class in a table of the library.

    Parameters
    ----------
    number : int
        Its position in the table.
    settings : tuple of str
        Names of the settings that the library reads.
    """

    number: int
    settings: tuple[str, ...]


class Library:
    """One build, and the names in the core's tables that it knows.

    Parameters
    ----------
    path : Path
        The shared library.

    Raises
    ------
    OSError
        If there is none, or it is for another machine.
    ImportError
        If it was compiled from other sources than these.
    """

    def __init__(self, path: Path) -> None:
        open_ = ctypes.CDLL(str(path))
        self.path = path
        check_sizes(path, open_)
        for name in "build", "activations", "losses", "layers", "optimizers":
            getattr(open_, f"jubako_{name}").restype = ctypes.c_char_p
        self.runs_here: bool = bool(open_.jubako_runs_here())
        self.build: str = open_.jubako_build().decode()
        self.activations: dict[str, Entry] = entries(open_.jubako_activations)
        self.losses: dict[str, Entry] = entries(open_.jubako_losses)
        self.layers: dict[str, Entry] = entries(open_.jubako_layers)
        self.optimizers: dict[str, Entry] = entries(open_.jubako_optimizers)
        self.train: Any = open_.jubako_train
        self.train.argtypes = POINTER(Job), c_int, c_double
        self.predict: Any = open_.jubako_predict
        self.predict.argtypes = POINTER(PredictJob), c_int, c_double
        self.end_predict: Any = open_.jubako_end_predict
        self.end_predict.argtypes = (POINTER(PredictJob),)
        self.end_predict.restype = None
        self.row_order: Any = open_.jubako_row_order
        self.row_order.argtypes = c_uint32, c_uint64, c_int64, c_void_p
        self.row_order.restype = None
        self.apply: Any = open_.jubako_apply
        self.apply.argtypes = ctypes.c_char_p, c_int64, c_void_p, c_void_p
        self.apply.restype = None


def check_sizes(path: Path, library: Any) -> None:
    """Check that the structs of a library are those declared here: otherwise calls corrupt memory.

    Parameters
    ----------
    path : Path
    library : CDLL

    Raises
    ------
    ImportError
        If the library was compiled from other sources.
    """
    declared = tuple(ctypes.sizeof(struct) for struct in (Layer, Job, PredictJob))
    compiled = ()
    if hasattr(library, "jubako_abi"):
        library.jubako_abi.restype = ctypes.c_char_p
        compiled = tuple(int(size) for size in library.jubako_abi().split())
    if compiled != declared:
        raise ImportError(
            f"{path} was compiled from other sources than this version of Jubako: build it again "
            "with `pip install .` (in a checkout: `python setup.py build_ext --inplace`)."
        )


def entries(function: Any) -> dict[str, Entry]:
    """Return the entries that a function of the library lists: "huber:threshold log_cosh ...".

    Parameters
    ----------
    function : C function without arguments, which returns text

    Returns
    -------
    dict of str to Entry
    """
    listed = dict[str, Entry]()
    for number, text in enumerate(function().decode().split()):
        name, _, settings = text.partition(":")
        listed[name] = Entry(number, tuple(settings.split(",")) if settings else ())
    return listed


def library_path(name: str) -> Path:
    """Return where setup.py puts the library of one of `BUILDS`, whether it is there or not.

    Parameters
    ----------
    name : str

    Returns
    -------
    Path
    """
    return Path(__file__).with_name(name + (".dll" if os.name == "nt" else ".so"))


@cache
def libraries() -> tuple[Library, ...]:
    """Open all builds that run on this processor, the fastest first; none if none was compiled.

    Returns
    -------
    tuple of Library

    Raises
    ------
    ImportError
        If one of them was compiled from other sources than these.
    """
    opened = (open_library(name) for name in BUILDS)
    return tuple(library for library in opened if isinstance(library, Library))


def problem() -> Message | None:
    """Return why the NumPy engine is used though nobody has selected it; None otherwise.

    Returns
    -------
    Message or None
    """
    if libraries() or os.environ.get("JUBAKO_ENGINE") == "numpy":
        return None
    reasons = [text for name in BUILDS if isinstance(text := open_library(name), Message)]
    return next((text for text in reasons if text != NOT_COMPILED), NOT_COMPILED)


def chosen() -> Library | None:
    """Return the build to use, or None if the NumPy engine is to compute.

    `JUBAKO_ENGINE` in the environment is "native" for the fastest build, which is the default,
    "numpy", or the name of a build: that of its file in this folder.

    Returns
    -------
    Library or None

    Raises
    ------
    ParameterError
        If there is no such build, or this processor can't run it.
    """
    wanted = os.environ.get("JUBAKO_ENGINE", "native")
    if wanted == "numpy":
        return None
    if wanted == "native":
        return libraries()[0] if libraries() else None
    library = open_library(wanted)
    if not isinstance(library, Library):
        raise ParameterError(
            Message(
                "JUBAKO_ENGINE={wanted!r} is no engine of this machine: set it to native, numpy, "
                "avx512, avx2 or baseline.",
                wanted=wanted,
            )
        )
    return library


@cache
def open_library(name: str) -> Library | Message:
    """Open a build by the name of its file.

    Parameters
    ----------
    name : str

    Returns
    -------
    Library, or Message
        Why it cannot be used here.

    Raises
    ------
    ImportError
        If it was compiled from other sources than these.
    """
    try:
        path = library_path(name)
        if not path.exists():
            return NOT_COMPILED
        library = Library(path)
    except (OSError, ValueError) as error:  # for another machine, or no name of a file
        return Message("could not be loaded ({error})", error=error)
    if library.runs_here:
        return library
    return Message("needs instructions that this processor lacks")
