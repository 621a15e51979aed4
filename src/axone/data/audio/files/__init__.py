"""The files of a data set: `listing` finds them in a `folder` or a table (`manifest`), `read` decodes each once."""
