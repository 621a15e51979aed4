"""Keras on TensorFlow: a Sequential model and `fit` on arrays in memory, defaults except for what the task sets."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow
from keras import layers

from contenders.common import BATCH, RATE, Stopwatch, Task, outcome


class Clock(keras.callbacks.Callback, Stopwatch):
    """Times Keras' epochs."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        self.begin()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop it."""
        self.end()


def run(task: Task) -> dict[str, Any]:
    """Train and measure."""
    tensorflow.config.threading.set_intra_op_parallelism_threads(task.threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(task.threads)
    keras.utils.set_random_seed(task.seed)
    pixels, labels = task.train
    test = task.data.test
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    clock = Clock()
    images, test_images = (task.floats(part).permute(0, 2, 3, 1).contiguous().numpy() for part in (pixels, test.pixels))
    model.fit(images, labels.numpy(), batch_size=BATCH, epochs=task.epochs, shuffle=True, verbose=0, callbacks=[clock])
    predictions = model.predict(test_images, batch_size=500, verbose=0).argmax(1)
    accuracy = float((predictions == test.labels.numpy()).mean())
    return outcome(clock.seconds, model.count_params(), accuracy, len(labels), backend=keras.backend.backend())
