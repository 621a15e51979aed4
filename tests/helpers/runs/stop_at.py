"""A stop at a chosen moment of a training, as Ctrl-C requests one."""

from axone.engine.interrupt import StopFlag


class StopAt(StopFlag):
    """Requests a stop after a number of readings: the engine reads it at each step and each batch of an evaluation."""

    def __init__(self, readings: int) -> None:
        super().__init__()
        self.left = readings

    @property
    def requested(self) -> bool:
        """Count a reading."""
        self.left -= 1
        return self.left < 0
