"""The worlds of a training: what is known about each, copies for every member of an ensemble, actions."""
