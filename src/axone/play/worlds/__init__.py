"""The worlds that Axone brings along, one file each; `registry.py` finds them by name."""
