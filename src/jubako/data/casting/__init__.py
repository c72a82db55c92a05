"""Casting: columns of texts and of any type as numbers, dates and levels."""
