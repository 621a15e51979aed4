"""Gymnasium both ways: its environments as our worlds (`environments.py`), ours as its environments (`export.py`).

Needs the extra `gym`; nothing here is imported before a world of Gymnasium is asked for.
"""
