from pathlib import Path

from axone.data.audio.decode.errors import AudioError, TooLongError


def test_the_error_names_the_file_and_the_reason():
    error = TooLongError(Path("a\nb.wav"), "it is long")
    assert str(error) == "'a\\nb.wav' cannot be used: it is long." and error.reason == "it is long"
    assert isinstance(error, AudioError) and error.exit_code == 3
