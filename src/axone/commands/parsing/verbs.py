"""The table of verbs: the arguments and flags that each takes, and its line in `axone --help`.

The verb `train` is carried out by `execute` in `axone/commands/train.py`, and so is every other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from axone.messages import mark


@dataclass(frozen=True)
class Flag:
    """One flag of a verb.

    Args:
        name: The name without the two dashes.
        value: What the help page writes for its value; "" for a switch.
        help: One line of help, marked for translation.
    """

    name: str
    value: str
    help: str


@dataclass(frozen=True)
class Verb:
    """One verb of the command line.

    Args:
        usage: The words after the verb, as the help page writes them.
        help: One line of help, marked for translation.
        flags: Its own flags, besides `COMMON`.
        words: How many words it takes: "0", "1", "+" (two or more: a run and its inputs) or "*" (any number).
        settings: Whether the settings of a system are further flags.
        options: Whether a run's system may have further flags of its own (`axone.system.OPTION_CLASSES`).
    """

    usage: str
    help: str
    flags: tuple[Flag, ...] = ()
    words: Literal["0", "1", "+", "*"] = "0"
    settings: bool = False
    options: bool = False


COMMON = (
    Flag("runs-folder", "FOLDER", mark("folder of the runs (default: runs)")),
    Flag("language", "en|fr", mark("language of the messages (default: the language of the system's locale)")),
    Flag("json", "", mark("print one JSON object as the last line of standard output")),
    Flag("debug", "", mark("show the traceback of an error")),
)
SYSTEM = Flag("system", "FILE.py", mark("file of your own system, when it trained the run"))

VERBS = {
    "list": Verb("", mark("list the systems")),
    "graph": Verb(
        "SYSTEM|RUN|FILE.json",
        mark("show the architecture of a network without training it"),
        (
            Flag("input", "1x28x28", mark("shape of one input: channels x height x width")),
            Flag("classes", "N", mark("number of classes")),
            Flag("svg", "FILE", mark("write a drawing of the network as an SVG file")),
            Flag("source", "FILE", mark("write the network as a Python file that needs only torch")),
            SYSTEM,
        ),
        "1",
        settings=True,
    ),
    "train": Verb(
        "SYSTEM|FILE.py",
        mark("train a system"),
        (
            Flag("config", "FILE.toml", mark("read settings from a TOML file; flags override it")),
            Flag("name", "NAME", mark("name of the run (default: the date and two words)")),
        ),
        "1",
        settings=True,
    ),
    "resume": Verb("RUN", mark("resume a stopped run exactly where it stopped"), (SYSTEM,), "1", settings=True),
    "stop": Verb("RUN", mark("save and stop a run that is being trained, also from another terminal"), words="1"),
    "evaluate": Verb(
        "RUN",
        mark("compute the metrics of a run on its test data, or on other data"),
        (Flag("data", "DATA", mark("evaluate on these data instead")), SYSTEM),
        "1",
        options=True,
    ),
    "predict": Verb(
        "RUN INPUT...",
        mark("apply a trained model to files, folders, table rows, texts, or a list on standard input (-)"),
        (
            Flag("top", "N", mark("show the N most probable classes (default: 1)")),
            Flag(
                "out",
                "FILE|FOLDER",
                mark(
                    "where to write output files (default: predictions/ in the run), or a table of all answers: "
                    "answers.csv, .parquet, .jsonl"
                ),
            ),
            SYSTEM,
        ),
        "+",
        options=True,
    ),
    "generate": Verb(
        "RUN",
        mark("generate new examples with a trained model"),
        (
            Flag("count", "N", mark("number of examples (default: 16; of texts and pieces: 1)")),
            Flag("class", "NAME", mark("generate this class (default: each class in turn)")),
            Flag("seed", "N", mark("seed of the random noise (default: 0)")),
            Flag("out", "FOLDER", mark("where to write the files (default: samples/ in the run)")),
            SYSTEM,
        ),
        "1",
        options=True,
    ),
    "explain": Verb(
        "RUN INPUT...",
        mark("explain predictions: attribution of pixels or words, feature maps, nearest training images"),
        (
            Flag("class", "NAME", mark("class to explain (default: the predicted one)")),
            Flag(
                "layer", "NAME", mark("images: layer of the feature maps (default: the last one that has feature maps)")
            ),
            Flag("nearest", "N", mark("images: number of nearest training images (default: 8; 0: none)")),
            Flag("out", "FOLDER", mark("where to write figures and pages (default: explanations/ in the run)")),
            SYSTEM,
        ),
        "+",
        options=True,
    ),
    "play": Verb(
        "RUN",
        mark("play against a trained network, or watch it act in its world"),
        (
            Flag("seed", "N", mark("seed of the world and of random choices (default: 0)")),
            Flag("out", "FOLDER", mark("write the game or the episode into this folder")),
            SYSTEM,
        ),
        "1",
        options=True,
    ),
    "runs": Verb(
        "",
        mark("list the runs, or follow one of them"),
        (Flag("follow", "RUN", mark("print the events of this run as they are written, until it ends")),),
    ),
    "report": Verb(
        "RUN",
        mark("write the report page of a run again, and print its address"),
        (Flag("open", "", mark("open the page in the browser")),),
        "1",
    ),
    "data": Verb(
        "[FILE | get NAME | clear]",
        mark("list the data sets, show how a table's columns are read, download a set, or clear the cache of images"),
        (
            Flag("out", "FILE.csv", mark("where to write a table (default: NAME.csv in this folder)")),
            Flag("columns", "COLUMNS", mark("FILE: types of columns, as for train: zip=category,rent=number:1,234.56")),
            Flag("missing", "WORDS", mark("FILE: words that mean a missing value, as for train")),
        ),
        "*",
    ),
    "check": Verb("", mark("show the hardware of this machine, and what Axone will use of it")),
    "new": Verb(
        "NAME",
        mark("write a commented starting file for a system of your own"),
        (
            Flag(
                "kind", "system|world", mark("what the file is for: a system, or a world to learn in (default: system)")
            ),
        ),
        "1",
    ),
}
