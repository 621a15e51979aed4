"""The layers that can be placed in a graph."""
