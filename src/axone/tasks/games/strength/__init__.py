"""How strong a network is: matches with opponents of all kinds, Elo ratings, mistakes in solved positions."""
