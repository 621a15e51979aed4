from axone.data.audio.voices import synthesizer as module


class Synthesizer:
    def __init__(self, version: str):
        self.version = version

    def speak(self, text, voice):
        return None


def test_the_library_comes_first_then_the_program(monkeypatch):
    monkeypatch.setattr(module, "load_library", lambda: None)
    monkeypatch.setattr(module, "find_program", lambda: None)
    assert module.find_synthesizer() is None
    monkeypatch.setattr(module, "find_program", lambda: Synthesizer("program"))
    assert module.find_synthesizer().version == "program"
    monkeypatch.setattr(module, "load_library", lambda: Synthesizer("library"))
    assert module.find_synthesizer().version == "library"
