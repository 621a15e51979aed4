"""Texts as numbers: read in every notation (parse), with their units; what the values of a column prove (notation)."""
