from __future__ import annotations

from axone.runs.report.contents import read_contents
from axone.runs.report.curves import render_curves


def test_each_metric_has_a_chart_under_its_label_and_the_loss_is_first(finished):
    rendered = render_curves(read_contents(finished))
    titles = [part.partition("</h3>")[0] for part in rendered.split("<h3>")[1:]]
    assert titles == ["loss", "accuracy", "learning rate", "samples per second"]
    assert rendered.count('class="line steps"') == 2, "the loss of each step, on two scales"


def test_an_unknown_id_is_shown_as_words(finished):
    contents = read_contents(finished)
    contents.epochs[0]["train"]["edges_per_node"] = 3.5
    assert "<h3>edges per node</h3>" in render_curves(contents)


def test_the_best_epoch_is_marked_in_the_table(finished):
    rendered = render_curves(read_contents(finished))
    rows = rendered.split("<tr")[2:]
    assert [">best</em>" in row for row in rows] == [False, True, False]


def test_steps_without_a_whole_epoch_are_placed_by_their_batch(finished):
    contents = read_contents(finished)
    contents.epochs.clear()
    rendered = render_curves(contents)
    assert "epochs</text>" in rendered and "<details" not in rendered
    for event in contents.steps:
        del event["batches"]
    assert "steps</text>" in render_curves(contents)


def test_there_are_no_curves_before_the_first_step(finished):
    contents = read_contents(finished)
    contents.steps.clear()
    contents.epochs.clear()
    assert render_curves(contents) == ""


def test_a_baseline_that_never_changes_has_no_chart(finished):
    contents = read_contents(finished)
    for epoch in contents.epochs:
        epoch["validation"] |= {"error_if_still": 2.0, "score_gap": float(epoch["epoch"])}
    rendered = render_curves(contents)
    assert "<h3>error if everything stays</h3>" not in rendered and "<h3>score gap</h3>" in rendered
    contents.epochs[0]["validation"]["error_if_still"] = 3.0
    assert "<h3>error if everything stays</h3>" in render_curves(contents)


def test_a_part_that_was_measured_once_has_no_chart(finished):
    contents = read_contents(finished)
    contents.epochs[0]["validation"]["score:random"] = 0.9
    assert "random moves" not in render_curves(contents).partition("<details")[0]
    contents.epochs[1]["validation"]["score:random"] = 0.95
    assert "random moves" in render_curves(contents).partition("<details")[0]
