"""Language models, in the order of the flow: `data` reads a corpus into symbols, `learner` trains on windows of it,
`steps` computes one symbol at a time, on which `sampling`, `generate` and `scoring` build; `predict` measures texts.
`kneser_ney`, `copies` and `figures` make the report.
"""
