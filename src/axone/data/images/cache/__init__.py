"""A memory-mapped cache of decoded images, for folders that do not fit in memory."""
