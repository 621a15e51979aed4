"""Descriptions of a graph: drawing, JSON, source code, summary."""
