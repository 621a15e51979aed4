"""Words that must not come back: names, docstrings, comments and messages use the field's words, in tests too.

The files are read as text: this test knows words, not meanings. A word that is right in one place, such as "behind"
in a sentence about a server behind a proxy, is written otherwise rather than excepted.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from axone import catalogue
from axone.commands.parsing.verbs import VERBS
from axone.metrics import METRICS
from axone.settings import describe

SOURCE = Path(__file__).parent.parent / "src" / "axone"

# A word of a name (of a module, class, function, argument or variable) -> what to write.
NAMES = {
    "picture": "image, or figure for what a report contains",
    "pictures": "images, or figures for what a report contains",
    "descent": "optimizer",
    "descents": "optimizers",
    "witness": "finite_probe",
    "witnesses": "finite_probe",
    "exhibit": "figure",
    "exhibits": "figures",
    "examiner": "evaluator",
    "examination": "evaluation",
    "judge": "score",
    "judged": "scores",
    "judgement": "score",
    "judgements": "discriminator_steps",
    "chance": "probability, or generator of random numbers",
    "chances": "probabilities, or sample_weights",
    "steepness": "gradient_penalty",
    "album": "index",
    "gallery": "collection",
    "pack": "cache",
    "packs": "caches",
    "packing": "cache",
    "repacking": "cache",
    "spoilt": "noisy",
    "roughen": "degrade",
    "divide": "split",
    "measures": "metrics",
    "forgetting": "free_dead_values",
    "twin": "clone",
    "obtain": "ensure",
    "tell": "log, report or return",
    "believed": "predicted",
    "marks": "hashes",
    "wall": "contact_sheet",
    "beside": "the name of the relation",
    "behind": "after",
    "looked": "the name of the operation",
    "sow": "seed",
    "journal": "training_trace",
    "price": "weight, or cost",
    "handed": "in_memory",
    "invent": "generate",
    "grain": "noise",
    "hang": "stack or add",
    "making": "generation",
}
# A whole name -> what to write. No participle stands alone: a name says what it is.
ALONE = {
    "made": "the name of what was built",
    "told": "text, message or output",
    "shown": "the name of what is printed",
    "kept": "the name of what was saved",
    "given": "the name of the value",
    "found": "the name of the value",
    "wide": "width",
    "apart": "l1",
    "truth": "target, or l1_weight",
    "there": "source_to_target",
    "Known": "DatasetSpec",
    "Place": "DatasetLocation",
    "Parts": "Splits",
    "Stages": "LayerGroups",
    "Story": "RunContents or TrainingTrace",
    "Players": "GanLearner",
    "Ending": "FinishContext",
    "Watch": "NonFiniteMonitor",
}
AMERICAN = "American spelling"
# A phrase of prose -> what to write.
PROSE = {
    r"pictures?": "image, or figure",
    r"by heart": "memorized",
    r"so (?:many|much) (?!that)": "a number",
    r"comes? back": "is restored, or is returned",
    r"stands?\b(?![ -]?(?:alone|for|in for))": "is",
    r"rests? on": "depends on",
    r"for ever|forever": "always, or permanently",
    r"nobody": "no reader, no process, no one",
    r"beside": "compared with, besides, or next to",
    r"behind": "after",
    r"(?:is|are|was|were) brought to": "is converted to",
    r"(?:is|are|was|were|being|be) told": "is reported, receives, or knows",
    r"tells?": "returns, reports, says or distinguishes",
    r"takes? back": "restores",
    r"what (?:a |an |the )?\w+ shows?": "the noun",
    r"invent(?:s|ed|ing)?": "generate",
    r"hangs?": "add, or does not end",
    r"bricks?": "part",
    r"(?:the|a|one) house": "the project",
    r"rooms?": "package",
    r"(?<!gradient )(?<!steepest )descents?": "optimizer",
    r"examiners?": "evaluator",
    r"witness(?:es)?": "a cheap subset",
    r"exhibits?": "figure",
    r"gallery": "collection",
    r"duck": "protocol",
    r"goes? on|going on": "continues",
    r"at hand": "available",
    r"in earnest|held down|pile": "the plain word",
    r"telephones?": "phone, or mobile device",
    r"colou?r(?<=colour)\w*|grey|neighbour\w*|behaviour\w*|favour\w*|honour\w*|centre\w*|licence": AMERICAN,
    r"\w*(?:normal|optim|initial|recogn|organ|minim|maxim|visual|summar)is(?:e[drs]?|ers|ing|ations?)": AMERICAN,
    r"(?:label|model|cancel|travel)led": AMERICAN,
}
# Of words that the package must not have, those that a test may: a wall of a solid, and marks in a text.
ALLOWED_IN_TESTS = {"wall", "marks"}
# What was renamed: identifiers, and flags in commands. They are searched in the code and in all strings of the tests.
RENAMED = re.compile(
    r"\b(?:Descent|exhibits?|examiner|judgements?|optimisers?|colours?|grey|watching|hands_over|MadePicture|told_as_\w+"
    r"|Players|PieceStream|looked_at|sow|roughen|chances)\b|--(?:judgements|truth|without|examiner|tick)\b"
)
FLAGS = {"judgements", "penalty", "truth", "without", "examiner", "tick"}

TESTS = Path(__file__).parent
TEST_FILES = [file for file in sorted(TESTS.rglob("*.py")) if file != Path(__file__)]
FILES = sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("*.py.txt")])
PATTERNS = {phrase: re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE) for phrase in PROSE}


def words_of(name: str) -> list[str]:
    """Split a name into words: "read_blockWise" is read, block, wise."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)]


def defined_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """List the names that a file gives, with their lines: of definitions, arguments, variables and attributes."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno


def prose(text: str, tree: ast.AST) -> Iterator[tuple[str, int]]:
    """List the comments of a file and its texts of more than a word, with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string, token.start[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            for offset, line in enumerate(node.value.splitlines()):
                yield line, node.lineno + offset


def find(path: Path, allowed: Collection[str] = ()) -> Iterator[tuple[str, int, str]]:
    """List the words of a file that must not come back: word, line, what to write instead.

    Args:
        path: A Python file.
        allowed: Words of NAMES that this file may have.
    """
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    for name, line in [(path.name.split(".")[0], 1), *defined_names(tree)]:
        if name in ALONE:
            yield name, line, ALONE[name]
        for word in words_of(name):
            if word in NAMES and word not in allowed:
                yield word, line, NAMES[word]
    for sentence, line in prose(text, tree):
        for phrase, pattern in PATTERNS.items():
            if found := pattern.search(sentence):
                yield found[0].lower(), line, PROSE[phrase]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_words_that_must_not_come_back(path):
    wrong = [f"line {line}: {word!r}; write: {instead}" for word, line, instead in find(path)]
    assert not wrong, path.relative_to(SOURCE).as_posix() + "\n" + "\n".join(wrong)


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_words_that_must_not_come_back_in_tests(path):
    wrong = [f"line {line}: {word!r}; write: {instead}" for word, line, instead in find(path, ALLOWED_IN_TESTS)]
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        wrong += [f"line {number}: {old!r} was renamed" for old in RENAMED.findall(line)]
    assert not wrong, path.relative_to(TESTS).as_posix() + "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "words"),
    [("read_blockWise", ["read", "block", "wise"]), ("HTTPServer2", ["http", "server2"]), ("_x", ["x"])],
)
def test_names_are_split_into_words(name, words):
    assert words_of(name) == words


def test_metrics_have_ids():
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", id) for id in METRICS)


@pytest.mark.parametrize("system", catalogue.list_systems(), ids=lambda system: system.name)
def test_flags_that_must_not_come_back(system):
    names = {setting.flag.removeprefix("--") for setting in describe(catalogue.read_settings_class(system))}
    assert names & FLAGS == set()
    assert not {flag.name for verb in VERBS.values() for flag in verb.flags} & FLAGS
