"""Bricks that systems share and that the graph does not write: ordinary torch modules, one idea a file."""
