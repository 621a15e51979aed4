"""The networks of all members of a training, the distributions of their actions, and the policy that is used later."""
