"""StarCraft II as a world, by its own protocol: a game that runs (`sc2:MoveToBeacon@5000`), or one that is started.

Needs the game and the extra `sc2`. It was tested against a fake server that speaks the protocol, not against the game.

Nothing here is imported before a world of StarCraft II is asked for.
"""
