"""Series of numbers over time: reading and splitting, scaling, baselines, figures, answers."""
