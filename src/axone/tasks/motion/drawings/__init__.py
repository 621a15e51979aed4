"""Drawings of motion: films of frames, paths, deviations from the straight line."""
