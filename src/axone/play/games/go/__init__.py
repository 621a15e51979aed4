"""Go on boards of 5 to 19 lines: rules, repetition, scoring, and kernels for the CPU."""

from axone.play.games.go.game import Go

__all__ = ["Go"]
