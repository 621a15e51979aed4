"""The functions of a battle as loops that numba compiles for the CPU, equal to the tensor operations to the bit.

Each kernel passes once over the copies and computes the same numbers, by the same operations in the same order, as the
function of its name in `battle.py`, `heuristic.py` or `observation.py`: read those first. Importing a file of this
package imports numba: the world does it when `kernels` is called. `functions.py` calls the kernels on tensors.
"""
