"""What systems that learn from a reward share: worlds for several seeds at once, networks, episodes, figures, play."""
