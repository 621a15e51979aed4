"""The target of a table: which columns it is, what its values mean, the rows that have none."""
