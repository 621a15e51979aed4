"""The files of a data set: `listing` finds them in a `folder` or a table (`manifest`), `decode` reads each once."""
