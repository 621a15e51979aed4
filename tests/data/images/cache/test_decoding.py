import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from axone.data.images.cache.decoding import DecodingJob, DecodingTask, decode, encode_task, parse_result, record_dtype
from axone.data.images.decode.file import read_image
from axone.data.images.statistics import compute_statistics, hash_image
from axone.errors import ResourceError
from tests.helpers.data.images import folder, noise


@pytest.fixture
def work(tmp_path):
    """A folder of five images and two bad files, with a file for their pixels."""
    root = folder(tmp_path / "root", {"a": 5, "b": 0})
    (root / "b" / "bad.png").write_bytes(b"text")
    Image.fromarray(noise(30, 20, 1)).save(root / "b" / "gray.png")
    with (tmp_path / "pixels").open("wb") as file:
        file.truncate(10 * 8 * 8 * 3)
    return DecodingJob(str(root), str(tmp_path / "pixels"), 8, 8, 3, "crop")


NAMES = ["a/3.png", "b/bad.png", "b/gray.png"]


def rows_of(work):
    return np.fromfile(work.pixels, np.uint8).reshape(-1, work.height, work.width, work.channels)


def test_pixels_are_written_to_their_rows_and_records_are_returned(work, tmp_path):
    answer = decode(work, DecodingTask([7, 1, 0], NAMES, [None] * 3))
    rows = rows_of(work)
    for row, name, place in ((7, NAMES[0], 0), (0, NAMES[2], 2)):
        path = tmp_path / "root" / name
        image, entry = read_image(path, size=8, channels=3), answer.records[place]
        assert np.array_equal(rows[row], image)
        assert entry["hash"].tobytes() == hash_image(image)
        assert np.array_equal(entry["statistics"], compute_statistics(image[None])[0])
        assert entry["content"].tobytes() == hashlib.sha256(path.read_bytes()).digest()
    assert not rows[[1, 2, 3, 4, 5, 6, 8, 9]].any()
    assert answer.records["usable"].tolist() == [True, False, True]
    assert answer.records["color"].tolist() == [True, False, False]
    assert (answer.records["width"].tolist(), answer.records["height"].tolist()) == ([12, 0, 20], [12, 0, 30])
    assert answer.reasons == {1: "it is not an image but looks like text"} and answer.same == []


def test_known_content_is_not_decoded(work, tmp_path):
    known = hashlib.sha256((tmp_path / "root" / NAMES[0]).read_bytes()).hexdigest()
    answer = decode(work, DecodingTask([7, 0], [NAMES[0], NAMES[2]], [known, known]))
    assert answer.same == [7] and not rows_of(work)[7].any() and rows_of(work)[0].any()
    assert answer.records["usable"].tolist() == [False, True]


def test_a_process_answers_as_the_function_does(work):
    task = DecodingTask([7, 1, 0], NAMES, [None, "00" * 32, None])
    expected = decode(work, task)
    lines = encode_task(work, task, "en") * 2
    run = [sys.executable, "-m", "axone.data.images.cache.decoding"]
    out = subprocess.run(run, input=lines, capture_output=True, check=True).stdout.splitlines()
    assert len(out) == 2
    for line in out:
        answer = parse_result(line, 3)
        assert answer.records.tobytes() == expected.records.tobytes()
        assert (answer.reasons, answer.same) == (expected.reasons, expected.same)


def test_a_process_writes_messages_in_the_language_of_the_user_and_needs_no_torch(work):
    code = (
        "import sys; from axone.data.images.cache import decoding\n"
        "decoding.main()\n"
        "assert 'torch' not in sys.modules, 'torch was loaded'"
    )
    line = encode_task(work, DecodingTask([1], [NAMES[1]], [None]), "fr")
    out = subprocess.run([sys.executable, "-c", code], input=line, capture_output=True, check=True).stdout
    assert "image" in json.loads(out)["reasons"]["1"] and "looks like" not in out.decode()


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ({"error": {"what": "no right", "expected": None, "hint": "ask"}}, ResourceError, "no right\nask"),
        ({"system": [28, "No space left"]}, OSError, "No space left"),
        ({"bug": "Traceback"}, RuntimeError, "Traceback"),
    ],
)
def test_errors_of_a_process_are_raised_in_the_parent(line, error, said):
    with pytest.raises(error, match=said):
        parse_result(json.dumps(line).encode(), 1)


def test_a_failed_write_is_not_blamed_on_an_image(work, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("axone.data.images.cache.decoding.write_all", full)
    with pytest.raises(OSError, match="No space left"):
        decode(work, DecodingTask([0], NAMES[:1], [None]))


def test_names_that_are_no_text_travel(tmp_path):
    task = DecodingTask([0], ["a/\udcff\n'; rm -rf.png"], [None])
    assert json.loads(encode_task(DecodingJob("r", "p", 8, 8, 1, "crop"), task, "en"))["task"]["names"] == task.names
    assert record_dtype(3).itemsize == record_dtype(1).itemsize + 32
