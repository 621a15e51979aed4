"""Series of numbers over time: read from tables (a row for each step, or for each series), or generated."""
