"""Charts, contact sheets and drawings that several tasks use."""
