"""What every task on images shares: settings, and images read into splits."""
