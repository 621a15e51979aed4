"""The rules of the games as numba kernels for the CPU, equal to the tensor operations to the bit.

Importing a file of this package imports numba: the games do it when `kernels` is called.
"""
