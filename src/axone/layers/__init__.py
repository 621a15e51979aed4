"""Torch modules and functions that two or more systems use and that `axone.graph` does not offer."""
