"""One image, from the bytes of its file to an array of the size and channels that a network takes."""
