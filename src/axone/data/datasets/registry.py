"""The data sets that have a name in Axone. To add one, add an entry; `store` does the rest.

The sha256 of a file is that of the publisher's own file, which was checked against the publisher's md5. Debian
repackages the same bytes in a gzip file without a name in its header, hence a second sha256 and 23 or 24 bytes less.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from axone.data.datasets.store import DatasetFile, DatasetSpec
from axone.errors import DataError, closest
from axone.messages import _, mark

_FASHION_MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)


def _fashion(name: str, sha256: str, size: int, debian_sha256: str, debian_size: int) -> DatasetFile:
    urls = tuple(mirror + name for mirror in _FASHION_MIRRORS)
    return DatasetFile(name, urls, sha256, size, ((debian_sha256, debian_size),))


DATASETS: dict[str, DatasetSpec] = {
    "fashion-mnist": DatasetSpec(
        name="fashion-mnist",
        summary=mark("70,000 gray images of clothes, 28 x 28 pixels, in ten classes"),
        license="MIT",
        homepage="https://github.com/zalandoresearch/fashion-mnist",
        files=(
            _fashion(
                "train-images-idx3-ubyte.gz",
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                26_421_880,
                "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
                26_421_856,
            ),
            _fashion(
                "train-labels-idx1-ubyte.gz",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                29_515,
                "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
                29_491,
            ),
            _fashion(
                "t10k-images-idx3-ubyte.gz",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                4_422_102,
                "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
                4_422_079,
            ),
            _fashion(
                "t10k-labels-idx1-ubyte.gz",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                5_148,
                "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
                5_125,
            ),
        ),
        classes=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        system_folders=("/usr/share/datasets/fashion-mnist",),
        subset=Path(__file__).parent / "subset" / "fashion-mnist",
        subset_summary=mark("10,000 training and 2,000 test images of it"),
        plain_http=("fashion-mnist.s3-website.eu-central-1.amazonaws.com",),
    ),
}


def get_spec(name: str, others: Iterable[str] = ()) -> DatasetSpec:
    """Return the data set of a name. Raises DataError, with the most similar name or one of `others`, if none."""
    if name not in DATASETS:
        near = closest(name, [*DATASETS, *others])
        raise DataError(
            _("There is no data set named '{name}'.", name=name)
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("expected one of: {choices}", choices=", ".join([*DATASETS, *others])),
        )
    return DATASETS[name]
