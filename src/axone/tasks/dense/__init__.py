"""Dense networks with a hand-written training step."""
