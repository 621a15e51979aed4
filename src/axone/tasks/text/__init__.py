"""Text classification: data, the training step, answers, explanations and figures that its systems share."""
