"""What a call gives, or says instead."""

from jubako.data.errors import TableError


def told(call, *given):
    """Return what a call gives, or the sentence with which it refuses."""
    try:
        return call(*given)
    except TableError as error:
        return str(error)
