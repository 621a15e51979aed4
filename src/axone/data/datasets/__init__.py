"""Known data sets: where they are found, downloaded and checked, and small ones that are generated."""
