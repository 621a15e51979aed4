"""From events to lines, in a display that stores them."""

from pathlib import Path

from axone.display.display import Display
from axone.display.text import printable


class StoredDisplay(Display):
    """Stores what it would show."""

    def __init__(self, epochs: int = 1) -> None:
        super().__init__(epochs)
        self.lines: list[str] = []
        self.updates: list[tuple[str, str]] = []

    def print_line(self, line: str) -> None:
        self.lines.append(printable(line))

    def update(self, line: str, task: str = "") -> None:
        self.updates.append((printable(line), task))


STEP = {"kind": "step", "epoch": 1, "batch": 3, "batches": 4, "samples_per_second": 1234.0, "loss": 0.25}


def test_each_kind_of_event_has_its_line():
    display = StoredDisplay()
    display({"kind": "folder", "path": "runs/a", "epochs": 2})
    display({"kind": "data", "notes": ["ten images", "two classes"]})
    display({"kind": "text", "text": "sum +0.201"})
    display({"kind": "warning", "text": "slow"})
    display({"kind": "rollback", "to_step": 3})
    display({"kind": "resume"})
    display({"kind": "epoch", "epoch": 1, "train": {"loss": 0.5}, "validation": {}, "seconds": 1.5, "best": True})
    display({"kind": "early_stop", "best_epoch": 1})
    best = {"epoch": 3, "monitor": "accuracy", "value": 0.5, "maximized": True, "split": "validation", "ties": 1}
    display({"kind": "best_epoch", "epochs": 9, **best})
    display({"kind": "best_epoch", "epochs": 1, **best})  # there is no choice
    display({"kind": "unknown"})
    assert display.lines == [
        "run: runs/a",
        "ten images",
        "two classes",
        "sum +0.201",
        "warning: slow",
        "warning: back to step 3, with half the learning rate",
        "Resuming where the training stopped.",
        "epoch 1/2  loss 0.5  1.5 s  *",
        "No improvement since epoch 1: stopped early.",
        "The model is that of epoch 3, with the highest accuracy in validation (50.00 %).",
    ]


def test_steps_and_tasks_replace_the_live_line():
    display = StoredDisplay(epochs=1)
    display(STEP)
    display.progress("testing", 1200, 10000)
    display.progress("writing")
    assert not display.lines
    (step, no_task), *tasks = display.updates
    assert no_task == "" and "75%" in step and "1,234 examples/s" in step and "loss 0.25" in step and "left" in step
    assert tasks == [("testing  1,200/10,000", "testing"), ("writing", "writing")]


def test_results_end_with_the_address_of_the_report(tmp_path: Path):
    display = StoredDisplay()
    results = {"seconds": 2.0, "validation": {"loss": 0.5}, "test": {"loss": 0.25}}
    display.print_results(results, {}, tmp_path)
    assert display.lines == [
        "validation: loss 0.5  (2.0 s of training)",
        "test: loss 0.25",
        f"report: {(tmp_path / 'report.html').resolve().as_uri()}",
    ]


def test_a_classifier_that_was_measured_on_nothing_claims_nothing(tmp_path: Path):
    display, facts = StoredDisplay(), {"task": "image-classification", "classes": ["a", "b"]}
    display.print_results({"seconds": 2.0, "validation": {}, "test": {}}, facts, tmp_path)
    assert display.lines[0] == ("How good the model is on other images is not known: none were held out to measure it.")
    display.print_results({"seconds": 2.0, "validation": {}, "test": {"loss": 0.25}}, facts, tmp_path)
    assert display.lines[2] == "test: loss 0.25  (2.0 s of training)"


def test_the_base_shows_nothing(capsys):
    with Display() as display:
        display({"kind": "text", "text": "hello"})
        display(STEP)
        display.progress("testing", 1, 2)
    assert capsys.readouterr() == ("", "")
