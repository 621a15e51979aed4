import gzip
import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from axone.data.datasets.download import allowed
from axone.data.datasets.idx import read_idx
from axone.data.datasets.registry import DATASETS, get_spec
from axone.data.datasets.store import file_sha256
from axone.errors import DataError

FASHION = DATASETS["fashion-mnist"]
DEBIAN = Path(FASHION.system_folders[0])


@pytest.mark.parametrize("known", DATASETS.values(), ids=list(DATASETS))
def test_every_row_is_complete(known):
    assert known.summary and known.license and known.homepage.startswith("https://")
    assert known.bytes == sum(file.size for file in known.files)
    for file in known.files:
        assert file.urls and all(allowed(url, known.plain_http) and url.endswith(file.name) for url in file.urls)
        assert all(len(sha256) == 64 and size > 0 for sha256, size in file.versions)


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_the_files_of_debian_are_known():
    for file in FASHION.files:
        path = DEBIAN / file.name
        assert (file_sha256(path), path.stat().st_size) in file.versions


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
@pytest.mark.parametrize("number", range(4))
def test_the_publishers_files_hold_the_same_bytes(number):
    # The publisher's file is Debian's with a date and a name in its gzip header; so it can be made here, and its
    # sha256 and the md5 that the publisher prints in the README be checked.
    file = FASHION.files[number]
    seconds = 1504176627 - (21 if file.name.startswith("train") else 0)
    inner = file.name.removesuffix(".gz").encode()
    packed = (DEBIAN / file.name).read_bytes()
    theirs = b"\x1f\x8b\x08\x08" + seconds.to_bytes(4, "little") + b"\x00\x03" + inner + b"\0" + packed[10:]
    md5 = {
        "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
    }[inner.decode()]
    assert hashlib.md5(theirs).hexdigest() == md5
    assert (hashlib.sha256(theirs).hexdigest(), len(theirs)) == (file.sha256, file.size)


def test_the_subset_equals_its_description():
    for half, each in (("train", 1_000), ("t10k", 200)):
        images = read_idx(FASHION.subset / f"{half}-images-idx3-ubyte.gz", 3)
        labels = read_idx(FASHION.subset / f"{half}-labels-idx1-ubyte.gz", 1)
        assert images.shape == (10 * each, 28, 28)
        assert np.bincount(labels).tolist() == [each] * 10
    assert sum(path.stat().st_size for path in FASHION.subset.iterdir()) < 6_000_000
    assert "Zalando" in (FASHION.subset.parent / "LICENSE-fashion-mnist").read_text()


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_the_subset_is_what_its_script_draws():
    script = Path(__file__).parents[3] / "scripts" / "make_subset.py"
    spec = importlib.util.spec_from_file_location("make_subset", script)
    make_subset = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_subset)
    files = make_subset.make_files(DEBIAN)
    assert sorted(files) == sorted(path.name for path in FASHION.subset.iterdir())
    for name, content in files.items():  # the compressed bytes depend on the zlib; what they hold may not
        assert gzip.decompress(content) == gzip.decompress((FASHION.subset / name).read_bytes())
        assert content[:10] == bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255])


def test_an_unknown_name():
    with pytest.raises(DataError, match="Did you mean 'fashion-mnist'") as caught:
        get_spec("fashon-mnist")
    assert caught.value.exit_code == 3
    assert get_spec("fashion-mnist") is FASHION
