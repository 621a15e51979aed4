"""Games for two players on a board, as functions on the state of many games at once: `make_game` of `registry.py`."""
