"""The verbs of the command line, one file each: parse the words, call the package, print the result."""
