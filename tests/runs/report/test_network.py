from __future__ import annotations

import pytest

from axone.runs.report.document import write_report
from tests.helpers.runs.report_pages import CHROMIUM, browse, draw_blocks, read_page


def test_the_blocks_of_the_network_are_in_the_page(finished):
    text, _page = read_page(draw_blocks(finished))
    assert text.count('<svg data-block="') == 3 and 'data-opens="second"' in text
    assert 'data-blocks="Blocks" data-nodes="Every layer"' in text
    # Without the script the blocks stay hidden and every node is seen.
    assert text.count('display="none"') == 3 and text.index("first.one") < text.index('<svg data-block="')


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser")
def test_in_a_browser_the_network_is_shown_by_its_blocks(finished):
    path = write_report(draw_blocks(finished))
    text = browse(path, finished.parent)
    assert '<div class="trail"><button type="button">Every layer</button>' in text
    assert '<button type="button" aria-current="true">Blocks</button></div>' in text
    drawing = text[text.index('class="drawing"') :].partition("</div>")[0]
    assert 'data-opens="first" tabindex="0" role="button"' in drawing and "first.one" not in drawing
    # A click on a block's box opens it.
    clicking = "<script>document.querySelector('[data-opens=second]').dispatchEvent(new Event('click'))</script></body>"
    path.write_text(path.read_text("utf-8").replace("</body>", clicking), "utf-8")
    text = browse(path, finished.parent)
    drawing = text[text.index('class="drawing"') :].partition("</div>")[0]
    assert ">second.one<" in drawing and ">first.one<" not in drawing
    assert '<button type="button" aria-current="true">second</button></div>' in text
