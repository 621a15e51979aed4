"""The systems of the course, one file each. `axone.catalogue` finds them; none imports another."""
