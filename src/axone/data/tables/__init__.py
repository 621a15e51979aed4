"""Tables: reading files, column types, streams of rows, reports."""
