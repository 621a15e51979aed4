"""From words to values: the table of verbs and their flags, errors of use, numbers, shapes and inputs."""
