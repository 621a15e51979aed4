"""What verbs print and write: output files, a table of answers, failures, the next commands."""
