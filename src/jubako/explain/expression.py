"""Expressions: named numbers, and operations on them."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

from jubako.i18n.numbers import format_significant

from .trace_index import Cell


class Expression(Protocol):
    """The interface of an expression, which has a value and a text."""

    @property
    def value(self) -> float:
        """The value of the expression."""
        ...

    def text(self, show: "Show", tight: bool = False) -> str:
        """Return the expression as text, with leaves formatted by `show`; `tight` for a factor."""
        ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """A number with its name, and its cell in the trace, if any."""

    symbol: str
    value: float
    cell: Cell | None = None

    def text(self, show: "Show", tight: bool = False) -> str:
        """Return the number as written by `show`."""
        return show(self, tight)


Show = Callable[[Leaf, bool], str]
"""How to write a leaf; the second argument says whether a negative number needs brackets."""


@dataclass(frozen=True, slots=True)
class Product:
    """Factors, multiplied."""

    factors: tuple[Expression, ...]

    @property
    def value(self) -> float:
        """The product of the factors."""
        return prod(factor.value for factor in self.factors)

    def text(self, show: Show, tight: bool = False) -> str:
        """Return the factors, joined by a multiplication sign."""
        return " · ".join(factor.text(show, tight=True) for factor in self.factors)


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms, added."""

    terms: tuple[Expression, ...]

    @property
    def value(self) -> float:
        """The sum of the terms."""
        return sum(term.value for term in self.terms)

    def text(self, show: Show, tight: bool = False) -> str:
        """Return the terms, joined by +; in brackets if they are a factor."""
        text = " + ".join(term.text(show, isinstance(term, Leaf)) for term in self.terms)
        return f"({text})" if tight else text


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of other expressions, as in `exp({})`."""

    words: str
    function: Callable[..., Any]
    arguments: tuple[Expression, ...]

    @property
    def value(self) -> float:
        """The function of the values of the arguments."""
        return float(self.function(*(argument.value for argument in self.arguments)))

    def text(self, show: Show, tight: bool = False) -> str:
        """Return `words` with the arguments; in brackets if they are a factor and hold a space."""
        pieces = self.words.split("{}")
        text = pieces[0]
        for i, argument in enumerate(self.arguments):  # one that stands in brackets needs no others
            bare = pieces[i].endswith("(") and pieces[i + 1].startswith(")")
            text += argument.text(show, tight=not bare) + pieces[i + 1]
        return f"({text})" if tight and " " in self.words else text


def minus(one: Expression, two: Expression) -> Applied:
    """Return the difference."""
    return Applied("{} - {}", lambda a, b: a - b, (one, two))


def over(one: Expression, two: Expression) -> Applied:
    """Return the quotient."""
    return Applied("{} / {}", lambda a, b: a / b, (one, two))


def show_symbol(leaf: Leaf, tight: bool) -> str:
    """Return the name of a leaf."""
    return leaf.symbol


def show_number(leaf: Leaf, tight: bool) -> str:
    """Return the number of a leaf."""
    text = format_significant(leaf.value, 6)
    return f"({text})" if tight and text.startswith("−") else text
