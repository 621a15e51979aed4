"""The data of a text classifier: facts, streams, notes, and errors that say what to do."""

from __future__ import annotations

import json

import pytest

from axone.cli import main
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.tasks.text.data import read_texts
from axone.tasks.text.settings import TextClassificationSettings
from tests.helpers.data.texts import make_reviews, write_reviews


def read(tmp_path, context=None, **settings):
    data = str(write_reviews(tmp_path / "reviews.csv"))
    values = TextClassificationSettings(**{"data": data, "target": "kind", **settings})
    return read_texts(values, context or BuildContext(), 10)


def test_facts_are_json_and_texts_are_read_with_them_again(tmp_path):
    data = read(tmp_path)
    facts = json.loads(json.dumps(data.facts))
    again = read(tmp_path, BuildContext(facts=facts))
    assert again.facts == data.facts and again.encoder == data.encoder
    assert all(part in "\n".join(data.notes) for part in ("92 training", "2 classes", "Vocabulary"))
    assert json.dumps(data.report)


def test_streams_cover_their_parts(tmp_path):
    data = read(tmp_path, limit=50)
    assert data.training_stream(16, 0).samples == 48 and data.evaluation_stream("test").samples == 18
    assert read(tmp_path, validation=0.0).evaluation_stream("validation") is None


def test_other_data_are_all_measured(tmp_path):
    said = []
    facts = read(tmp_path).facts
    whole = read(tmp_path, BuildContext(facts=facts, whole=True, notify=said.append))
    assert len(whole.parts["test"]) == 120 and "120" in said[0]


def test_one_training_text_is_too_few():
    values = TextClassificationSettings(data="(from Python)", limit=1)
    with pytest.raises(DataError, match="There is 1 training text"):
        read_texts(values, BuildContext(data=make_reviews(20)), 10)


@pytest.mark.parametrize(
    ("files", "words", "parts"),
    [
        ({"t.txt": "one\ntwo\n", "l.txt": "a\n"}, ("t.txt", "--labels-file", "l.txt"), ("2 lines", "has 1")),
        ({"t.csv": "review,kind\n"}, ("t.csv", "--target", "kind"), ("no rows",)),
        ({"t.csv": "review,kind\n ,a\n  ,b\n"}, ("t.csv", "--target", "kind"), ("no column of texts",)),
        ({"t.csv": ""}, ("t.csv", "--target", "kind"), ("empty",)),
        ({"x/a.txt": " \n"}, ("x",), ("no two folders", "empty")),
        ({"t.csv": b"review,kind\na\xc3\xa9 \xff\xfe,a\nb \xc3\xa9,b\n"}, ("t.csv", "--target", "kind"), ("line 2",)),
    ],
)  # fmt: skip
def test_bad_data_end_with_exit_code_3_and_one_message(tmp_path, monkeypatch, capsys, files, words, parts):
    monkeypatch.chdir(tmp_path)
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert main(["train", "text_classifier", "--data", *words, "--threads", "1"]) == 3
    printed = capsys.readouterr().err
    assert any(part in printed for part in parts) and "Traceback" not in printed, printed
