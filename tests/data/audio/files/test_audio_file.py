from axone.data.audio.files.audio_file import AudioFile, read_status


def test_status(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    assert read_status(tmp_path / "a")[0] == 3 and read_status(tmp_path / "b") == (-1, 0)
    assert AudioFile(tmp_path, "a", "yes").split == ""
