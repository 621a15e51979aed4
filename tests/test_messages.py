"""The catalogs have the messages of the code, all of them and no others, with the same fields."""

import ast
import asyncio
import io
import re
import runpy
import string
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import axone
from axone import catalogue, cli, messages, settings
from axone.commands.parsing.verbs import VERBS
from axone.data.datasets.registry import DATASETS
from axone.errors import SettingsError
from axone.metrics import METRICS
from axone.runs.status import Status

SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "scripts" / "messages"))
SOURCE: Path = SCRIPT["SOURCE"]
LANGUAGES = [language for language in messages.LANGUAGES if language != "en"]

# Where `_` gets something else than a text: what it is, and where that is marked.
VARIABLES = {
    ("commands/help/pages.py", "verb.help"): "mark(...) in commands/parsing/verbs.py",
    ("commands/help/pages.py", "flag.help"): "mark(...) in commands/parsing/verbs.py",
    ("tasks/control/reports/state_maps.py", "x_name"): "mark(...) in the same file",
    ("tasks/control/reports/state_maps.py", "y_name"): "mark(...) in the same file",
    ("tasks/control/worlds/actions.py", "part"): "mark(...) in words.py",
    ("tasks/control/figures.py", "self.slice.note"): "mark(...) in tasks/control/reports/state_maps.py",
    ("commands/new.py", "next_command"): "mark(...) in the same file",
    ("commands/data.py", "row['summary']"): "mark(...) in data/datasets/registry.py and tables.py",
    ("commands/runs.py", "run.status"): "mark(...) in runs/status.py",
    ("runs/notebook.py", "run.status"): "mark(...) in runs/status.py",
    ("runs/notebook.py", "name"): "a part of the data: words.SPLITS",
    ("tasks/neuron/labels.py", "ACTIVATION_LABELS[name]"): "mark(...) in the same file",
    ("tasks/neuron/labels.py", "PEOPLE_LABELS[name]"): "mark(...) in the same file",
    ("use/run.py", "name"): "a part of the data: words.SPLITS",
    ("runs/notebook.py", "part"): "a part of the data: words.SPLITS",
    ("tasks/classification/backbones/packaged_weights.py", "self.title"): "mark(...) in efficientnet_lite.py",
    ("tasks/classification/backbones/pretrained.py", "published.title"): "mark(...) in efficientnet_lite.py",
    ("commands/list.py", "system.summary"): "the first line of a system's file, which scripts/messages reads",
    ("settings/fields.py", "field.description or ''"): "mark(...) in the settings of a system",
    ("commands/help/settings.py", "setting.auto"): "mark(...) in the settings of a system",
    ("commands/help/settings.py", "setting.help"): "mark(...) in the settings of a system",
    ("commands/help/settings.py", "system.summary"): "the first line of a system's file, which scripts/messages reads",
    ("data/datasets/store.py", "spec.subset_summary"): "mark(...) in data/datasets/registry.py",
    ("metrics.py", "metric(identifier).label"): "mark(...) in METRICS",
    ("tasks/restoration/data.py", "kind"): "a kind of noise: words.NOISES",
    ("tasks/restoration/figures.py", "kind"): "a kind of noise: words.NOISES",
    ("tasks/restoration/figures.py", "settings.noise[kind]"): "a kind of noise: words.NOISES",
    ("runs/report/format.py", "key"): "a key of a run's documents, translated where the catalog has it",
    ("runs/report/settings.py", "setting.help"): "mark(...) in the settings of a system",
}


def folder(language):
    return SOURCE / "locale" / language / "LC_MESSAGES"


def read(language):
    with (folder(language) / "axone.po").open("rb") as file:
        return read_po(file, locale=language)


def identities(catalog):
    return {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalog if message.id}


def fields(text):
    """The places of a text, each with its format and as often as it occurs."""
    return sorted((name, spec, how or "") for _, name, spec, how in string.Formatter().parse(text) if name is not None)


def calls():
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SCRIPT["TEXTS"]:
                yield path.relative_to(SOURCE).as_posix(), node


def metrics_of_the_code():
    """List the ids of metrics in the dicts that functions annotated with Metrics return."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "Metrics":
                values = (part.value for part in ast.walk(node) if isinstance(part, ast.Return))
                dicts = (value for value in values if isinstance(value, ast.Dict))
                yield from (key.value for each in dicts for key in each.keys if isinstance(key, ast.Constant))


def test_every_metric_of_a_learner_has_a_label():
    ids = set(metrics_of_the_code())
    assert "loss" in ids and ids <= METRICS.keys(), "add it to src/axone/metrics.py"


def test_there_is_a_catalog_for_every_language():
    assert sorted(path.parts[-3] for path in SOURCE.glob("locale/*/LC_MESSAGES/axone.po")) == sorted(LANGUAGES)
    assert all((folder(language) / "axone.mo").is_file() for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalog_has_the_messages_of_the_code(language):
    code, catalog = identities(SCRIPT["extract"]()), read(language)
    assert len(code) > 400
    hint = "run scripts/messages, and translate what it lists"
    assert identities(catalog) - code == set(), hint
    assert code - identities(catalog) == set(), hint
    assert not catalog.obsolete, hint


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language):
    catalog = read(language)
    assert SCRIPT["list_untranslated"](catalog) == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []
    forms = {len(message.string) for message in catalog if message.id and message.pluralizable}
    assert forms <= {catalog.num_plurals}


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_fields_and_spaces(language):
    for message in read(language):
        if not message.id:
            continue
        origins = [message.id] if isinstance(message.id, str) else list(message.id)
        for text in [message.string] if isinstance(message.string, str) else message.string:
            # Both forms of a plural may show the count; the English ones have the same places.
            assert all(fields(text) == fields(origin) for origin in origins), (origins, text)
            for end in (r"^\s*", r"\s*$"):
                assert re.search(end, text)[0] == re.search(end, origins[0])[0], text
            assert "\u2014" not in text, text


def test_fields_are_compared():
    assert fields("{a} {b:.0%}") == fields("{b:.0%} {a}") != fields("{a} {b}")
    assert fields("{a} {a}") != fields("{a}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_stay_as_they_are_typed(language):
    """Flags and the words in capitals that stand for values are the same in each language."""
    typed = re.compile(r"(?<!\w)--[a-z][a-z-]*|\baxone [a-z]+\b|\b(?:SYSTEM|RUN|FILE|NAME|VALUE|COMMAND|N)\b")
    for message in read(language):
        if isinstance(message.id, str) and message.id:
            assert sorted(typed.findall(message.id)) == sorted(typed.findall(message.string)), message.string


def test_french_texts_have_french_typography():
    for message in read("fr"):
        for text in [message.string] if isinstance(message.string, str) else message.string:
            if message.id:
                assert not re.search(r" [:;?!»%](?!\w)|« ", text), f"no-break space missing: {text}"
                assert not re.search(r"[^\W\d]'[^\W\d]", text), f"apostrophe: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_is_up_to_date(language):
    with (folder(language) / "axone.mo").open("rb") as file:
        compiled = read_mo(file)
    fresh = read_mo(io.BytesIO(SCRIPT["compile_catalog"](read(language))))
    # An empty id is the header's, which names the version of babel.
    texts = [{str(message.id): message.string for message in catalog if message.id} for catalog in (compiled, fresh)]
    assert texts[0] == texts[1], "run scripts/messages"


def test_messages_are_literal():
    """A message that is not literal where it is printed must be marked elsewhere, and be listed here with the place."""
    variables_in_use = set()
    for file, call in calls():
        texts = call.args[: SCRIPT["TEXTS"][call.func.id]]
        assert len(texts) == SCRIPT["TEXTS"][call.func.id], (file, call.lineno)
        for text in texts:
            if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
                assert call.func.id == "_", (file, call.lineno, ast.unparse(text))
                assert (file, ast.unparse(text)) in VARIABLES, (file, call.lineno, ast.unparse(text))
                variables_in_use.add((file, ast.unparse(text)))
    assert variables_in_use == VARIABLES.keys(), "remove from VARIABLES what the code no longer says"


def test_messages_are_called_by_their_names():
    """An alias, or messages._(...), would hide a message from the extraction."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "axone.messages":
                assert all(name.asname is None for name in node.names), path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in SCRIPT["TEXTS"], (path, node.lineno)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_are_translated_through_a_variable_are_in_the_catalog(language):
    texts = {*get_args(Status), "validation", "test", *(metric.label for metric in METRICS.values())}
    texts |= {known.summary for known in DATASETS.values()}
    texts |= {known.subset_summary for known in DATASETS.values() if known.subset_summary}
    texts |= {setting.help for setting in settings.describe(settings.Settings)}
    for system in catalogue.list_systems():
        texts |= {system.summary, *(each.help for each in settings.describe(catalogue.read_settings_class(system)))}
    assert {"loss", "accuracy", "running"} <= texts
    assert texts - {""} - identities(read(language)) == set(), "mark it, or add it to src/axone/words.py"


def test_help_is_in_french(capsys):
    assert cli.main(["--help"]) == 0
    english = capsys.readouterr().out
    assert cli.main(["--help", "--language", "fr"]) == 0
    french = capsys.readouterr().out
    assert "train a system" in english and "entraîner un système" in french
    for name, verb in VERBS.items():
        assert f"  {name}" in french  # commands are the same in both
        assert verb.help in english and verb.help not in french


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["tarin"], "Vouliez-vous dire « train » ?"),
        (["train", "cnnn"], "Vouliez-vous dire « cnn » ?"),
        (["train", "cnn", "--epoch", "2"], "Vouliez-vous dire « epochs » ?"),
    ],
)
def test_did_you_mean_in_french(words, printed, capsys):
    assert cli.main([*words, "--language=fr"]) == 2
    assert printed in capsys.readouterr().err.replace("\u00a0", " ")


def test_plural_forms_in_french():
    messages.use("fr")
    printed = [messages.plural("{count} epoch", "{count} epochs", count) for count in (0, 1, 2)]
    assert printed == ["0 époque", "1 époque", "2 époques"]  # French counts nothing in the singular


@pytest.mark.parametrize(
    ("environment", "language"),
    [({"LANG": "fr_CA.UTF-8"}, "fr"), ({"LC_ALL": "en_GB.UTF-8", "LANG": "fr_FR"}, "en"), ({"LC_ALL": "C"}, "en")],
)
def test_language_follows_the_locale(environment, language, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert messages.use(None) == language
    assert (messages._("train a system") == "entraîner un système") == (language == "fr")


def test_the_language_of_one_call_leaves_the_others_alone():
    messages.use("en")
    with messages.use_language("fr"):
        assert messages.current_language() == "fr" and messages._("train a system") == "entraîner un système"
        with messages.use_language("en"):
            assert messages._("train a system") == "train a system"
        with messages.use_language(None):  # nothing was asked for
            assert messages.current_language() == "fr"
        assert messages.plural("{count} epoch", "{count} epochs", 0) == "0 époque"
    assert messages.current_language() == "en"
    with pytest.raises(ZeroDivisionError), messages.use_language("fr"):
        _ = 1 / 0
    assert messages.current_language() == "en"


def test_threads_side_by_side_each_have_their_language():
    messages.use("en")
    both = threading.Barrier(2, timeout=30)

    def write(language):
        with messages.use_language(language):
            both.wait()  # each is within its block
            text = messages._("train a system")
            both.wait()
            return text

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(write, ["fr", "en"])) == ["entraîner un système", "train a system"]
        assert pool.submit(messages.current_language).result() == "en"  # the threads are as they were


def test_tasks_side_by_side_each_have_their_language():
    messages.use("en")

    async def write(language):
        with messages.use_language(language):
            await asyncio.sleep(0)
            return messages._("train a system")

    async def write_both():
        return await asyncio.gather(write("fr"), write("en"), write(None))

    assert asyncio.run(write_both()) == ["entraîner un système", "train a system", "train a system"]


def test_a_command_in_one_language_leaves_the_process_in_its_own(capsys):
    messages.use("en")
    assert cli.main(["tarin", "--language", "fr"]) == 2
    assert "Vouliez-vous dire" in capsys.readouterr().err
    assert messages.current_language() == "en"
    assert cli.main(["tarin"]) == 2
    assert "Did you mean" in capsys.readouterr().err


def test_training_in_one_language_leaves_the_process_in_its_own():
    messages.use("en")
    with pytest.raises(SettingsError, match="Vouliez-vous dire"):
        axone.train("cnn", epohcs=3, language="fr")
    assert messages.current_language() == "en"
    with pytest.raises(SettingsError, match="Did you mean"):
        axone.train("cnn", epohcs=3)
