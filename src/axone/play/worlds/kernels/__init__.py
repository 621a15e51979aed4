"""The worlds as numba kernels for the CPU, equal to the tensor operations to the bit; importing one imports numba."""
