"""The rules of the games as numba kernels for the CPU, equal to the tensor operations to the bit.

Importing a file of this package imports numba: the games do it when `kernels` is called. Each file has its own loops,
because numba stores compiled functions by the file of the outer one: loops in a common file would not be compiled
again when the rules that they call change. The loops are serial: threads that wait for each other once per move cost
more than they give.
"""
