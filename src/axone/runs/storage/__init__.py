"""Files on disk: written whole, read within the run, locked, listed in a manifest and verified."""
