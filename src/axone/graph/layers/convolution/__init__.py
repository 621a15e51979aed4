"""Convolutions, and what computes them."""
