"""The protocol of sessions: any class with its methods is one, and inheriting gives the defaults."""

from axone.tasks.play_session import PlaySession


class Whole:
    prompt, pause, asks, finished = "", 0.0, False, True

    def text(self): ...
    def enter(self, line): ...
    def advance(self): ...
    def to_json(self): ...
    def files(self): ...


class Short(PlaySession):
    finished = True

    def text(self):
        return "over"


def test_any_class_with_the_methods_is_a_session():
    assert isinstance(Whole(), PlaySession) and not isinstance(object(), PlaySession)


def test_a_session_that_inherits_asks_nobody_and_has_no_files():
    session = Short()
    assert isinstance(session, PlaySession)
    assert (session.asks, session.files(), session.to_json(), session.prompt) == (False, {}, {}, "> ")
