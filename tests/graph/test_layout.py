from itertools import pairwise

from axone.graph.layout import GAP, layout


def test_boxes_do_not_overlap_and_wires_go_down() -> None:
    wires = {"a": [], "b": ["a"], "c": ["b"], "sum": ["c", "a"], "d": ["sum"], "e": ["sum"], "f": ["sum"],
             "joined": ["d", "e", "f"], "y": ["joined", "b"]}  # fmt: skip
    plan = layout(wires, {name: 100.0 + 40 * len(name) for name in wires})
    for row in plan.rows:
        for left, right in pairwise(row):
            assert right.x - left.x >= (left.width + right.width) / 2 + GAP - 1e-6
    for name, sources in wires.items():
        assert all(plan.places[source].row < plan.places[name].row for source in sources)
    assert all(place.x - place.width / 2 >= 0 and place.x + place.width / 2 <= plan.width + 1e-6
               for row in plan.rows for place in row)  # fmt: skip


def test_a_chain_is_straight_and_a_skipping_wire_passes_beside_the_boxes() -> None:
    chain = {"a": [], "b": ["a"], "c": ["b"]}
    plan = layout(chain, {"a": 50.0, "b": 150.0, "c": 80.0})
    assert len({round(place.x, 6) for place in plan.places.values()}) == 1
    plan = layout({**chain, "c": ["b", "a"]}, {"a": 50.0, "b": 150.0, "c": 80.0})
    (passage,) = [place for place in plan.rows[1] if place.wire]
    assert abs(passage.x - plan.places["b"].x) >= 75


def test_an_input_stands_above_its_first_reader() -> None:
    plan = layout({"a": [], "b": ["a"], "late": [], "c": ["b", "late"]}, dict.fromkeys(["a", "b", "late", "c"], 60.0))
    assert plan.places["late"].row == 1
