"""Text files: `encoding` turns bytes into UTF-8, `files` reads one file, `folder` finds and reads those of a folder."""
