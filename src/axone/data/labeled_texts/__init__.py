"""Texts with one or several labels: from tables, folders, lines of two files, or memory."""
