"""Generation of three-dimensional shapes."""
