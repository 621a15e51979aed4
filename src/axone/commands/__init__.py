"""The verbs of the command line, one file each: parse the words, call the package, print the result.

parsing/      from words to values: the table of verbs, errors of use, numbers, inputs, a system's own flags
help/         the pages of --help
output/       files that verbs write, failures that they report, commands that they propose
templates/    the starting files that `axone new` writes
"""
