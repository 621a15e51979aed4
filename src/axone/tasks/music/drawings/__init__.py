"""Drawings of music: an engraved score, a piano roll."""
