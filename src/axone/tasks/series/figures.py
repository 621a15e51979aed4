"""The figures of a report on series: computed on series and steps that the network was not trained on.

Classification: confusion matrix, accuracy compared with baselines, the worst mistakes. Forecast: examples, the error by
horizon and in units compared with four baselines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.series.stream import SeriesBatch, SeriesStream
from axone.engine.experiment import Experiment
from axone.figures.confusion import draw_confusion
from axone.figures.figure import Figure, Table
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.tasks.classification.metrics import confusion_counts, find_worst_mistakes, tabulate_classes
from axone.tasks.series import baselines
from axone.tasks.series.charts import Curve, draw_curves
from axone.tasks.series.predict import SeriesAnswering
from axone.tasks.series.scaling import ChannelScaler, WindowScaler

EXAMPLES = 4  # series that are drawn
TRAINING_WINDOWS = 20_000  # at most, from which the linear forecast is fitted


def make_figures(experiment: Experiment, final: bool) -> Iterable[Figure | Table]:
    """Yield some examples after each epoch, and at the end (`final`) all figures and the baselines."""
    stream = experiment.test or experiment.validation or experiment.train
    assert isinstance(stream, SeriesStream) and isinstance(experiment.train, SeriesStream)
    network = experiment.learner.networks["network"]
    module = SeriesAnswering(network, experiment.facts)
    if experiment.facts["horizon"]:
        yield from _forecast_figures(experiment.facts, stream, experiment.train, module, final)
    elif final:
        yield from _classification_figures(experiment.facts, stream, experiment.train, module)


def _answer(stream: SeriesStream, module: SeriesAnswering) -> tuple[list[SeriesBatch], Tensor]:
    """Return the batches of a stream on the CPU and the answers about them, in the same order."""
    batches, outputs = [], []
    device = next(module.network.parameters()).device
    for batch in stream.to(device).batches(1):
        outputs.append(module(batch.values, batch.lengths).cpu())
        batches.append(SeriesBatch(*(part.cpu() for part in batch)))
    return batches, torch.cat(outputs)


def _classification_figures(
    facts: dict[str, Any], stream: SeriesStream, train: SeriesStream, module: SeriesAnswering
) -> Iterator[Figure | Table]:
    batches, probabilities = _answer(stream, module)
    targets, classes = torch.cat([batch.targets for batch in batches]), facts["classes"]
    counts = confusion_counts(targets, probabilities.argmax(1), len(classes))
    yield Figure(
        "confusion", _("Confusion matrix"), draw_confusion(counts.numpy(), classes),
        _("Rows: true classes; columns: predicted classes."),
    )  # fmt: skip
    yield tabulate_classes(counts, classes, _("series"))
    yield _classification_baselines(facts, stream, train, probabilities, batches)
    wrong = find_worst_mistakes(targets, probabilities, EXAMPLES).tolist()
    if wrong:
        series = [row[:length] for batch in batches for row, length in zip(batch.values, batch.lengths.tolist())]
        panels = []
        for position in wrong:
            said, label = classes[int(probabilities[position].argmax())], classes[int(targets[position])]
            share = format_percent(float(probabilities[position].max()), 1)
            title = _("{label}, taken for {said} ({share})", label=label, said=said, share=share)
            panels.append((title, _curves(series[position], facts)))
        yield Figure("mistakes", _("Worst mistakes"), draw_curves(panels, x_label=_("step")))


def _curves(values: Float[Tensor, "steps channels"], facts: dict[str, Any]) -> list[Curve]:
    return [
        Curve(channel["name"], range(len(values)), values[:, number].tolist(), number)
        for number, channel in enumerate(facts["channels"][:6])
    ]


def _classification_baselines(
    facts: dict[str, Any], stream: SeriesStream, train: SeriesStream, probabilities: Tensor, batches: list[SeriesBatch]
) -> Table:
    """Return the accuracy, that of the largest class and of the nearest training series."""
    targets, index = (torch.cat([batch[part] for batch in batches]) for part in (2, 3))
    labels = train.to("cpu").labels
    assert labels is not None
    training = labels[train.to("cpu").windows.series]
    largest = int(torch.bincount(training).argmax())
    templates = torch.arange(len(training))[:: max(1, -(-len(training) // baselines.MOST_TEMPLATES))]
    queries = torch.arange(len(targets))[:: max(1, -(-len(targets) // baselines.MOST_QUERIES))]
    nearest = baselines.classify_by_nearest(
        _standardize(train, templates, facts), training[templates], _standardize(stream, index[queries], facts)
    )
    rows = [
        [_("this network"), format_percent(float((probabilities.argmax(1) == targets).float().mean())), len(targets)],
        [_("always the largest class ({name})", name=facts["classes"][largest]),
         format_percent(float((targets == largest).float().mean())), len(targets)],
        [_("nearest of {count} training series (dynamic time warping)", count=len(templates)),
         format_percent(float((nearest == targets[queries]).float().mean())), len(queries)],
    ]  # fmt: skip
    return Table(
        "baselines", _("Accuracy compared with simple methods"), [_("method"), _("accuracy"), _("series")], rows
    )


def _standardize(stream: SeriesStream, index: Tensor, facts: dict[str, Any]) -> list[Float[Tensor, "_ channels"]]:
    """Return series of a stream with standardized channels."""
    batch = stream.to("cpu").read_batch(index, 1, 0)
    scaled = ChannelScaler(facts["channels"])(batch.values, batch.lengths)[..., : len(facts["channels"])]
    return [row[:length] for row, length in zip(scaled, batch.lengths.tolist())]


def _forecast_figures(
    facts: dict[str, Any], stream: SeriesStream, train: SeriesStream, module: SeriesAnswering, final: bool
) -> Iterator[Figure | Table]:
    batches, forecast = _answer(stream, module)
    predicted, horizon = facts["predicted"], facts["horizon"]
    targets = torch.cat([batch.targets for batch in batches])[..., predicted]
    yield Figure(
        "forecasts", _("Forecasts"),
        draw_curves(_example_panels(facts, stream, batches, forecast, targets), x_label=_("step")),
        _("Steps that the network was not trained on."),
    )  # fmt: skip
    if not final:
        return
    methods = _list_methods(facts, train, horizon)
    results = {_("this network"): forecast}
    for name, method in methods.items():
        results[name] = torch.cat([method(batch)[..., predicted] for batch in batches])
    scale = torch.tensor([facts["channels"][number]["std"] for number in predicted])
    lines, rows = [], []
    for number, (name, values) in enumerate(results.items()):
        errors = (values - targets).abs()
        by_step = (errors / scale).nanmean((0, 2))
        lines.append(Curve(name, range(1, horizon + 1), by_step.tolist(), number, is_dashed=number > 0))
        units = [format_number(float(f"{value:.4g}")) for value in errors.nanmean((0, 1)).tolist()]
        rows.append([name, *units])
    yield Figure(
        "horizon", _("Error by horizon"), draw_curves([("", lines)], x_label=_("steps ahead")),
        _("Mean absolute error in standard deviations of the channel, on steps that the network was not trained on."),
    )  # fmt: skip
    names = [facts["channels"][number]["name"] for number in predicted]
    yield Table("baselines", _("Mean absolute error compared with simple methods"), [_("method"), *names], rows)


def _list_methods(
    facts: dict[str, Any], train: SeriesStream, horizon: int
) -> dict[str, Callable[[SeriesBatch], baselines.Forecast]]:
    """Return the simple methods by name."""
    stream = train.to("cpu")
    chosen = torch.arange(len(stream.windows))[:: max(1, -(-len(stream.windows) // TRAINING_WINDOWS))]
    training = [stream.read_batch(index, 1, 0) for index in chosen.split(1024)]
    methods: dict[str, Callable[[SeriesBatch], baselines.Forecast]] = {
        _("the last value stays"): lambda batch: baselines.forecast_last(batch, horizon),
        _("a straight line through the window"): lambda batch: baselines.forecast_line(batch, horizon),
    }
    longest = facts["context"]
    first, last = int(stream.windows.first.min()), int((stream.windows.first + stream.windows.lengths).max())
    season = baselines.find_season(stream.values[first:last, facts["predicted"][0]], longest)
    if season:
        methods[_("as {season} steps before", season=season)] = lambda batch: baselines.forecast_season(
            batch, horizon, season
        )
    linear = baselines.LinearForecast(training, WindowScaler(facts["channels"]), longest, horizon)
    methods[_("linear autoregression")] = linear
    return methods


def _example_panels(
    facts: dict[str, Any], stream: SeriesStream, batches: list[SeriesBatch], forecast: Tensor, targets: Tensor
) -> list[tuple[str, list[Curve]]]:
    """Return panels with the past, the true and the forecast steps of windows from all over the stream."""
    panels, index = [], torch.cat([batch.index for batch in batches])
    for position in torch.linspace(0, len(targets) - 1, EXAMPLES).long().unique().tolist():
        chosen = stream.to("cpu").read_batch(index[position : position + 1], 1, 0)
        channel = facts["predicted"][0]
        length = facts["context"]
        following = range(length, length + facts["horizon"])
        curves = [
            Curve(_("past"), range(length), chosen.values[0, :length, channel].tolist(), is_soft=True),
            Curve(_("true"), following, targets[position, :, 0].tolist(), 1),
            Curve(_("forecast"), following, forecast[position, :, 0].tolist(), 0),
        ]
        panels.append((facts["channels"][channel]["name"], curves))
    return panels
