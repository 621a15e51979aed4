"""Texts as numbers: tokens with their places in the text, hashed n-grams, and batches of texts of different lengths."""
