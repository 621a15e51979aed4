"""The one loop that trains every system: experiment, learner, descent, loop, and the machine under them."""
