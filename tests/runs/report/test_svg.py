from __future__ import annotations

import pytest

from axone.runs.report.svg import inline_svg, parse_svg
from tests.helpers.runs.report_pages import SVG, read_page


def test_the_graph_drawing_is_part_of_the_page(finished):
    text, _page = read_page(finished)
    assert '<g id="graph-box"><rect width="90" height="40" /><text x="5">conv_1</text></g>' in text


@pytest.mark.parametrize(
    "content",
    ["<script>1</script>", "<foreignObject/>", "<rect onload='1'/>", "<rect ONCLICK='1'/>", "<image href='data:,'/>",
     "<a href='#x'/>", "<use href='#x'/>", "<path marker-end='url(http://a/b)'/>", "<animate attributeName='href'/>",
     "<text style='fill:u\\72l(//a)'/>", "<g style='background:url(//a.b)'/>", "<iframe/>", "<set/>",
     "<g xmlns:x='http://www.w3.org/1999/xlink' x:href='javascript:alert(1)'/>", "<g xmlns='http://www.w3.org/1999/xhtml'/>",
     "<linearGradient href='//a.b'/>"],
)  # fmt: skip
def test_a_drawing_with_active_content_is_refused(tmp_path, content):
    file = tmp_path / "graph.svg"
    file.write_text(SVG.format(content))
    assert inline_svg(tmp_path, "graph.svg") == ("", "it holds something other than a plain drawing")


def test_a_drawing_with_style_rules_is_shown_as_an_image_and_references_stay_inside(tmp_path):
    file = tmp_path / "graph.svg"
    file.write_text(SVG.format("<style>body{display:none}</style>"))
    assert inline_svg(tmp_path, "graph.svg")[0].startswith('<img src="data:image/svg+xml;base64,')
    file.write_text(SVG.format("<marker id='m'/><path marker-end='url(#m)'/>"))
    assert 'marker-end="url(#graph-m)"' in inline_svg(tmp_path, "graph.svg")[0]
    for content in ("<svg", "<html/>", "<g>" * 3000 + "</g>" * 3000, '<!DOCTYPE svg []><svg xmlns="x"/>'):
        file.write_text(content if content.startswith("<!") or "g>" not in content else SVG.format(content))
        assert inline_svg(tmp_path, "graph.svg") == ("", "it is damaged")


def test_a_missing_drawing_and_one_outside_the_run_are_named(tmp_path):
    assert inline_svg(tmp_path, "graph.svg") == ("", "missing")
    assert inline_svg(tmp_path, "../graph.svg") == ("", "it lies outside the run's folder")


def test_entities_are_refused():
    assert parse_svg(b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>') is None
    assert parse_svg(SVG.format("<g/>").encode()) is not None
