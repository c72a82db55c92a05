"""What can be wrong with a user's table."""


class TableError(Exception):
    """One sentence: what is wrong, where, and what to do."""
