"""Decoders of compressed recordings, and the error of a file that is not a usable recording."""
