"""The report as a whole: complete for every run, however damaged, and safe whatever the run holds."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise

import pytest

from axone.errors import RunError
from axone.runs.report.document import write_report
from axone.runs.storage.verification import verify
from tests.helpers.runs.report_pages import CHROMIUM, HOSTILE, browse, read_page, write_example_run


def test_a_finished_run_is_shown_completely(finished):
    folder = finished
    text, page = read_page(folder)
    for part in ("91.28\u202f%", "0.26", "225,034", "1\u202fmin 05\u202fs", "7,007", "bfloat16", "60,000 images",
                 "conv_1", "(32, 26, 26)", "1,610", "0.875", "12,000", "Kernels", "best epoch", "is not a number",
                 "axone predict", "axone evaluate", "Finished."):  # fmt: skip
        assert part in page.text, part
    assert ">finished</span>" in text and "Missing or damaged" not in page.text and "axone resume" not in page.text
    assert len(text.encode()) < 150_000
    assert verify(folder) == []  # the report took its place in the manifest
    write_report(folder)
    assert verify(folder) == [] and not list(folder.glob("tmp-*"))


def test_page_is_self_contained_and_accessible(finished):
    text, page = read_page(finished)
    policy = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == [
        "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    ]
    for _tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
            assert attributes.get(name, "#").startswith(("#", "data:image/"))
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", text)
    assert page.all("html")[0]["lang"] == "en" and len(page.all("h1")) == 1 and len(page.all("main")) == 1
    assert all(image["alt"] for image in page.all("img"))
    assert all(head["scope"] in ("col", "row") for head in page.all("th"))
    levels = [int(tag[1]) for tag, _attributes in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    identities = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(identities) == len(set(identities))
    assert all("#" + identity in text for identity in ("curves", "network"))
    drawings = [svg for svg in page.all("svg") if "data-scale" in svg]
    assert drawings and all(svg["role"] == "img" and svg["aria-label"] for svg in drawings)


def test_hostile_texts_are_shown_as_text(tmp_path):
    text, page = read_page(write_example_run(tmp_path, word=HOSTILE))
    assert "onerror" in page.text  # it is shown, as text
    assert not any(name.startswith("on") for _tag, attributes in page.elements for name in attributes)
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert all(image["src"].startswith("data:image/") for image in page.all("img"))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_in_a_browser_the_script_works_and_hostile_names_run_nothing(tmp_path):
    path = write_report(write_example_run(tmp_path, word=HOSTILE))
    text = browse(path, tmp_path)
    assert "<title>hacked" not in text and "<title>cnn" in text
    # The page's own script ran to its end: tabs, enlarging, sorting, copying.
    assert all(
        mark in text for mark in ('class="js"', 'role="tab"', 'class="enlarge"', '<thead><tr><th scope="col"><button')
    )
    # The same page with one name left as it was is caught: this test can fail.
    careless = path.read_text("utf-8").replace("<main", "<p>" + HOSTILE[2:40] + "='hacked'></p><main", 1)
    careless = careless.replace("<p>" + HOSTILE[2:40] + "='hacked'>", "<p><img src=x onerror=document.title='hacked'>")
    (tmp_path / "careless.html").write_text(careless, "utf-8")
    assert "<title>hacked" in browse(tmp_path / "careless.html", tmp_path)


def test_an_empty_folder_has_a_page_and_a_missing_one_is_an_error(tmp_path):
    assert "damaged" in read_page(tmp_path)[1].text
    with pytest.raises(RunError, match="nowhere"):
        write_report(tmp_path / "nowhere")


def test_a_damaged_manifest_is_not_replaced(finished):
    folder = finished
    (folder / "manifest.json").write_bytes(b"gone")
    write_report(folder)
    assert (folder / "manifest.json").read_bytes() == b"gone"


def test_reading_runs_needs_neither_torch_nor_matplotlib(finished):
    folder = finished
    code = "import sys; from pathlib import Path; from axone.runs.report.document import write_report; "
    code += "write_report(Path(sys.argv[1])); assert not {'torch', 'matplotlib', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, timeout=60)


def test_a_file_that_the_settings_name_is_not_read(stopped, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret-content")
    (stopped / "settings.toml").write_text(f"data = '{secret}'\nconfig = '{secret}'\n")
    text, page = read_page(stopped)
    assert str(secret) in page.text and "the-secret-content" not in text


@pytest.mark.parametrize("name", ["figures/kernels-0001.png", "figures/graph.svg", "graph.json", "events.jsonl"])
def test_a_link_out_of_the_run_is_refused(stopped, tmp_path, name):
    (tmp_path / "secret").write_text('{"nodes": [{"name": "the-secret-content"}]}')
    (stopped / name).unlink(missing_ok=True)
    (stopped / name).symlink_to(tmp_path / "secret")
    with pytest.raises(RunError, match="outside the run"):
        write_report(stopped)
    assert not (stopped / "report.html").exists()
