"""Compiled functions: what is stored is used again only while all of its sources are the same."""

import inspect
from types import SimpleNamespace

import numba
import pytest
import torch

from axone.play import compilation
from axone.play.compilation import arrays, kernel, kernel_from, source_stamp
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


FACTOR = 1


def multiply(value):
    return FACTOR * value


def test_kernels_from_one_template_are_stored_apart(monkeypatch, tmp_path):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    double, triple = (kernel_from(multiply, f"{__name__}.times_{factor}", FACTOR=factor) for factor in (2, 3))
    assert (double(5), triple(5)) == (10, 15)
    again = kernel_from(multiply, f"{__name__}.times_3", FACTOR=3)
    assert again(5) == 15 and sum(again.stats.cache_hits.values()) == 1
    assert len(list(tmp_path.rglob("*.nbi"))) == 2


def test_a_template_is_given_names_that_it_has():
    with pytest.raises(TypeError, match="no names"):
        kernel_from(multiply, f"{__name__}.wrong", FACTORS=2)


def test_arrays_share_the_memory_of_tensors():
    tensor = torch.zeros(3)
    (array,) = arrays(tensor)
    array[1] = 5
    assert tensor.tolist() == [0, 5, 0]


def test_without_a_folder_for_the_cache_kernels_are_compiled_all_the_same(monkeypatch):
    def njit(*, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return numba.njit(**options)

    monkeypatch.setattr(compilation, "numba", SimpleNamespace(njit=njit))

    @kernel
    def add(first, second):
        return first + second

    assert add(2, 3) == 5
