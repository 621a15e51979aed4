"""What was played, and what is learned from: rollouts, replay memory, minibatches, advantages, greedy episodes."""
