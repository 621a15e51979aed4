from __future__ import annotations

from axone.runs.report.contents import RunContents, read_contents
from axone.runs.report.embedded_figures import MOST_FRAMES
from axone.runs.report.results import MOST_TEXTS, render_results
from tests.helpers.runs.report_pages import read_page, write_example_run


def test_the_slider_has_the_first_and_the_last_of_many_epochs(tmp_path):
    _text, page = read_page(write_example_run(tmp_path, epochs=40))
    moments = [image["data-moment"] for image in page.all("img") if "data-moment" in image]
    kernels = [moment for moment in moments if moment != "final"]
    assert len(kernels) == MOST_FRAMES and kernels[0] == "epoch 1" and kernels[-1] == "epoch 40"
    slider = next(attributes for attributes in page.all("input") if attributes["type"] == "range")
    assert slider["max"] == slider["value"] == str(MOST_FRAMES - 1)


def test_many_texts_of_a_learner_are_shortened(finished):
    contents = read_contents(finished)
    contents.texts = [f"<step {number}>" for number in range(MOST_TEXTS + 3)]
    rendered = render_results(contents)
    assert "&lt;step 0&gt;" in rendered and f"step {MOST_TEXTS}&gt;" not in rendered and "and 3 more" in rendered


def test_a_run_without_results_has_no_such_section(tmp_path, finished):
    assert render_results(RunContents(read_contents(finished).info)) == ""
