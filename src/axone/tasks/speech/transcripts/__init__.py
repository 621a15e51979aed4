"""From the network's probabilities to transcripts: symbols, the search, a language model as its guide, error rates."""
