"""Descriptions of a network: summary table, drawing, JSON file, PyTorch source."""
