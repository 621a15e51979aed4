"""The settings of a neuron's data: columns of a table, or pixels of images. Torch is not imported here."""

from __future__ import annotations

from axone.tasks.images.settings import ImageFitSettings
from axone.tasks.tables.settings import ColumnSettings


class NeuronSettings(ImageFitSettings, ColumnSettings):
    """How the columns of a table are read, and how images are resized."""
