"""The contenders of peers_cnn.py: one file for each library, each with `run(task) -> dict`."""
