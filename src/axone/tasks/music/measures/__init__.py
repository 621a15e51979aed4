"""What is measured of music: baselines to beat, passages that are copied, rules of four-part writing."""
