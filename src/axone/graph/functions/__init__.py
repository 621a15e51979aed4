"""What is written as in Python and torch instead of as a layer: operators, functions, indices, code of the user's."""
