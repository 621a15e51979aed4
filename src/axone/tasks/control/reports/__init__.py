"""The drawings of a report: returns over time, an episode as a strip and a film, value and policy over the state."""
