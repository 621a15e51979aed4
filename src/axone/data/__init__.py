"""Where examples come from: named sets and folders in, tensors and reproducible batches out."""
