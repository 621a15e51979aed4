"""The named texts: Python's own sources are found on this machine, and downloads are pinned."""

from axone.data.datasets.texts import TEXTS, find_python_sources, is_python_source


def test_the_standard_library_is_found():
    assert (find_python_sources() / "json" / "__init__.py").is_file()
    assert is_python_source("json/decoder.py")
    assert not any(map(is_python_source, ["test/test_json.py", "encodings/cp1252.py", "LICENSE.txt"]))


def test_every_download_has_a_sha256_and_a_size():
    for name, spec in TEXTS.items():
        assert spec.name == name and spec.license and spec.summary
        for file in spec.files:
            assert len(file.sha256) == 64 and file.size
            assert all(url.startswith("https://") for url in file.urls)
