"""One recording, from its file to samples of one channel at one rate."""
