"""The cache of decoded and generated recordings: what is in it (format), how it is built, all of them (admin)."""
