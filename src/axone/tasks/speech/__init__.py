"""Recordings to classes, and recordings to symbols: data, learners, decoding, error rates, baseline, report."""
