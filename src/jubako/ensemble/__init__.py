"""Many networks for one table: what to try, on which rows, and which of them to believe."""
