"""Self-play as a stream of batches: the games, the window of positions, and what is reported of them."""
