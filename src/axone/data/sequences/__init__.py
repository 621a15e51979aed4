"""Sequences of different lengths: batches of similar length, padded at the end."""
