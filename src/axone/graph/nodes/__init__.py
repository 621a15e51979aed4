"""How a network is written: the declaration of a layer, its arguments, the nodes that it returns, and their shapes."""
