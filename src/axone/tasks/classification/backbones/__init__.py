"""Published architectures: their settings, size and layers, their pretrained weights, and their training."""
