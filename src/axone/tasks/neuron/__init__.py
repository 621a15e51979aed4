"""A single neuron, step by step."""
