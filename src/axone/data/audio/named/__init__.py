"""Data sets of recordings with a name (`sets`): of synthetic voices, of Morse code, and one to download."""
