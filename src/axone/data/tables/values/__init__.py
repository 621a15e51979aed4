"""How the raw values of a column become numbers, dates or levels, and which cells cannot be read.

In the order of use: `kinds` (what --columns prescribes), `missing` (words that mean a missing value), `numbers/`,
`dates/` and `levels` (how people write them), `infer` (the kind and the notation of every column of a table to learn
from), `convert` (the same columns of other tables), `notes` (sentences for people).
"""
