"""Synthetic voices: `synthesizer` finds one, `library` speaks through a library of eSpeak NG in this process, `program`
through the program; `words` lists what is spoken, `generate` writes the recordings of a data set.
"""
