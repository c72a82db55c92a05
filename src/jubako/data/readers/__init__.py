"""Readers: files, data frames and arrays as Arrow tables."""
