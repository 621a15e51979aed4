"""The layers of a graph, one family per file or folder."""
