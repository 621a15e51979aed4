"""Monte-Carlo tree search of many trees at once, which knows no game and no network, only functions.

    result = search(root, advance, simulations=32, rule=Gumbel(), keys=keys, counters=counters)
    result.actions, result.policy, result.values       # what to play, what to train a network with

`search.py` has the contract and the loop, `puct.py` and `gumbel.py` the two rules by which actions are selected,
`reuse.py` makes the subtree of a played action a tree, `game_functions.py` and `rollouts.py` make functions of a game.
"""
