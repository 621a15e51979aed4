"""Monte-Carlo tree search of many trees at once, which knows no game and no network, only functions.

    game = choose_body(make_game("connect_four"))
    keys = make_keys(seed=0, copies=256)
    state = game.reset(keys)
    functions = GameFunctions(game, lambda positions: network(game.observe(positions)))
    result = search(
        functions.root(state), functions.advance, simulations=32, rule=Gumbel(), legal=game.legal_actions(state),
        keys=keys, counters=torch.zeros_like(keys),
    )
    result.actions, result.policy, result.values       # what to play, what to train a network with

`interface.py` has what a search is given and returns, `search.py` the loop, `paths.py` what happens along the paths,
`puct.py` and `gumbel.py` the two rules by which actions are selected; `reuse.py` makes the subtree of a played action a
tree. `game_functions.py` and `rollouts.py` make functions of a game. `compiled.py` does the same work on the trees with
the kernels of `path_kernels.py` and `rule_kernels.py`, on the CPU.
"""
