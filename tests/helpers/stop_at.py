"""A stop at a chosen moment of a training, as Ctrl-C would ask for it."""

from axone.engine.interrupt import StopFlag


class StopAt(StopFlag):
    """Asks to stop after so many readings: the engine reads it once a step, and once a batch of a check."""

    def __init__(self, readings: int) -> None:
        super().__init__()
        self.left = readings

    @property
    def requested(self) -> bool:
        """Count a reading."""
        self.left -= 1
        return self.left < 0
