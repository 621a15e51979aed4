"""Epochs, batch size and validation set follow from the number of series, unless they are set."""

from axone.engine.context import BuildContext
from axone.settings import resolve
from axone.systems.series import Settings, complete
from axone.tasks.series.completion import describe_choices


def completed(**values):
    settings = complete(resolve(Settings, values), BuildContext())
    return settings.batch_size, settings.epochs, settings.validation


def test_few_series_are_all_trained_on_for_more_epochs():
    assert completed() == (32, 28, 0.1)  # 720 series
    assert completed(limit=40) == (8, 120, 0.0)
    assert completed(limit=40, epochs=3, validation=0.2) == (8, 3, 0.2)
    assert completed(limit=40, patience=5)[2] == 0.1


def test_what_was_chosen_is_said():
    settings = complete(resolve(Settings, {"limit": 40}), BuildContext())
    assert describe_choices(settings, 40) == ["Few training series (40): --batch-size 8, --epochs 120, --validation 0."]
    assert describe_choices(resolve(Settings, {"epochs": 3}), 40) == []


def test_a_forecast_keeps_its_preset():
    assert completed(data="seasons") == (128, 6, 0.1)
