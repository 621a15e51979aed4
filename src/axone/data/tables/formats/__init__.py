"""How tables are written in files: text with delimiters, Parquet, workbooks, JSON lines. Values stay uninterpreted."""
