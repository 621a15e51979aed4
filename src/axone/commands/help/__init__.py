"""The pages of --help: of Axone, of a verb, of a system's settings, of the flags that a run's system adds."""
