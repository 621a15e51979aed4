"""The constants of the worlds, one file each, which the tensor operations and the kernels share."""
