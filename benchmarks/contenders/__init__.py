"""What Axone is compared with: one file for each library; those of peers_cnn.py have `run(task) -> dict`."""
