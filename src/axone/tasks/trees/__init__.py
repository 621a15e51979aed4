"""Gradient-boosted trees on features of a network."""
