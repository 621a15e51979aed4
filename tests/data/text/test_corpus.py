"""A corpus from a file, a folder, a name and from memory."""

import pytest

from axone.data.text.corpus import read_corpus
from axone.errors import DataError


def test_a_file_and_a_folder(tmp_path):
    (tmp_path / "b.txt").write_text("second")
    (tmp_path / "a.md").write_text("first")
    corpus = read_corpus(tmp_path / "b.txt")
    assert (corpus.name, [file.text for file in corpus.documents]) == ("b.txt", ["second"])
    corpus = read_corpus(str(tmp_path))
    assert [(file.name, file.text) for file in corpus.documents] == [("a.md", "first"), ("b.txt", "second")]
    assert corpus.bytes == 11 and tmp_path.name in corpus.source


def test_the_sources_of_python_are_the_default(monkeypatch, tmp_path):
    folder = tmp_path / "lib"
    for name in ("argparse.py", "json/decoder.py", "test/test_x.py", "site-packages/numpy.py", "encodings/x.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"# {name}\n")
    monkeypatch.setattr("axone.data.datasets.texts.sysconfig.get_paths", lambda: {"stdlib": str(folder)})
    for source in ("", "python"):
        assert [file.name for file in read_corpus(source).documents] == ["argparse.py", "json/decoder.py"]
    (folder / "argparse.py").unlink()
    with pytest.raises(DataError, match="no source files"):
        read_corpus("")


def test_texts_in_memory():
    documents = read_corpus(["a\r\nb", " ", "c"]).documents
    assert [(file.name, file.text) for file in documents] == [
        ("0", "a\nb"),
        ("2", "c"),
    ]
    assert read_corpus({"x": "text"}).documents[0].name == "x"


@pytest.mark.parametrize(
    ("source", "match"),
    [([], "are empty"), (["", " \n"], "are empty"), ([1], "is of the type int"), (["a\ud800"], "surrogate")],
)
def test_what_is_no_text_is_refused(source, match):
    with pytest.raises(DataError, match=match):
        read_corpus(source)


def test_names_are_suggested():
    with pytest.raises(DataError) as caught:
        read_corpus("shakespear")
    assert "shakespeare" in caught.value.hint


def test_a_named_text_is_read_from_the_cache(monkeypatch, tmp_path):
    from dataclasses import replace

    from axone.data.datasets.texts import TEXTS

    content = b"To be, or not to be"
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path))
    monkeypatch.setenv("AXONE_OFFLINE", "1")
    with pytest.raises(DataError, match="not on this machine"):
        read_corpus("shakespeare")
    (tmp_path / "shakespeare").mkdir()
    (tmp_path / "shakespeare" / "input.txt").write_bytes(content)
    import hashlib

    spec = TEXTS["shakespeare"]
    file = replace(spec.files[0], sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    monkeypatch.setitem(TEXTS, "shakespeare", replace(spec, files=(file,)))
    assert read_corpus("shakespeare").documents[0].data == content
