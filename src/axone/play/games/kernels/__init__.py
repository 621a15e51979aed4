"""The rules of the games as numba kernels for the CPU, equal to the tensor operations to the bit.

Importing a file of this package imports numba: the games do it when `kernels` is called. Each file has its own loops:
numba cannot store a compiled function that receives the rules as an argument. The loops are serial: threads that wait
for each other once per move cost more than they give.
"""
