"""What learners of skirmishes share: battles, rollouts of several agents, evaluation, figures, replays."""
