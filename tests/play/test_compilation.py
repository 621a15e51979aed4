"""Compiled functions: what is stored is used again only while all of its sources are the same."""

import inspect

import torch

from axone.play.compilation import arrays, source_stamp
from axone.play.worlds.kernels import cart_pole


def test_a_kernel_depends_on_all_files_that_it_imports():
    stamp = source_stamp(inspect.getfile(cart_pole))
    names = [name for name, _time, _size in stamp]
    assert names.count("cart_pole.py") == 2  # the kernel and its constants
    assert {"episodes.py", "random.py", "random_kernels.py", "trigonometry.py", "trigonometry_kernels.py"} <= set(names)


def test_numba_compares_these_files_with_what_it_stored():
    stored = cart_pole.play._cache._cache_file
    assert stored._source_stamp == source_stamp(inspect.getfile(cart_pole))
    stored.save("test", b"code")
    assert stored.load("test") == b"code"
    changed = type(stored)(stored._cache_path, stored._index_name.removesuffix(".nbi"), ())
    assert changed.load("test") is None


def test_arrays_share_the_memory_of_tensors():
    tensor = torch.zeros(3)
    (array,) = arrays(tensor)
    array[1] = 5
    assert tensor.tolist() == [0, 5, 0]
