"""The one loop that trains every system: experiment, learner, optimizer, loop, and the machine."""
