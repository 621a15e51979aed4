"""Texts with one or several labels: from tables, folders of files, lines of two files, memory; and what to know of them."""
