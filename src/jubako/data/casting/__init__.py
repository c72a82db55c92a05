"""Casting of columns to numbers, dates, booleans and levels."""
