"""The tables that Axone knows by name: people and points that it draws, and the real ones of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axone.data.datasets import toy
from axone.data.datasets.people import make_people
from axone.data.tables.files import TableContent, import_polars
from axone.errors import ResourceError
from axone.messages import _, mark


@dataclass(frozen=True)
class TableSpec:
    """A table that is there without a file: its summary and its target."""

    summary: str
    target: str
    points: Callable[[], toy.Points] | None = None  # of a drawn set
    classes: tuple[str, ...] = ()
    loader: str = ""  # the function of sklearn.datasets
    columns: Callable[[], Mapping[str, Sequence[Any]]] | None = None  # of a drawn table, with its target


TABLES: dict[str, TableSpec] = {
    "people": TableSpec(mark("1,000 children and adults with their age and weight"), "who", columns=make_people),
    "moons": TableSpec(mark("points on two half circles"), "arm", toy.make_moons, ("upper", "lower")),
    "circles": TableSpec(mark("points on a circle within a circle"), "circle", toy.make_circles, ("large", "small")),
    "spirals": TableSpec(mark("points on two arms of a spiral"), "arm", toy.make_spirals, ("first", "second")),
    "iris": TableSpec(mark("150 irises of three species, measured"), "species", loader="load_iris"),
    "wine": TableSpec(mark("178 wines of three growers, analyzed"), "grower", loader="load_wine"),
    "breast-cancer": TableSpec(
        mark("569 tumours, benign or malignant, measured"), "diagnosis", loader="load_breast_cancer"
    ),
    "digits": TableSpec(mark("1,797 handwritten digits of 8 x 8 pixels, as rows"), "digit", loader="load_digits"),
    "diabetes": TableSpec(
        mark("442 people with diabetes and how their illness went on in a year"), "progression", loader="load_diabetes"
    ),
}  # fmt: skip

POINT_SETS = tuple(name for name, known in TABLES.items() if known.points)


def read_named_table(name: str) -> tuple[TableContent, str]:
    """Return a known table and the name of its target. Raises ResourceError when a library is missing."""
    polars, known = import_polars(), TABLES[name]
    if known.columns:
        return TableContent(polars.DataFrame(dict(known.columns())), name, _("drawn by Axone")), known.target
    if known.points:
        points, labels = known.points()
        frame = polars.DataFrame({"x": points[:, 0].numpy(), "y": points[:, 1].numpy()})
        answers = [known.classes[label] for label in labels.tolist()]
        where = _("drawn by Axone")
    else:
        loaded = _scikit_learn(known.loader)
        names = [str(column).replace(" (cm)", "") for column in loaded.feature_names]
        frame = polars.DataFrame({column: loaded.data[:, place] for place, column in enumerate(names)})
        words = getattr(loaded, "target_names", None)
        answers = loaded.target if words is None else [str(words[place]) for place in loaded.target]
        where = _("carried by scikit-learn")
    return TableContent(frame.with_columns(polars.Series(known.target, answers)), name, where), known.target


def _scikit_learn(loader: str) -> Any:
    try:
        from sklearn import datasets  # type: ignore[import-untyped]
    except ImportError:
        raise ResourceError(
            _("This table comes with scikit-learn, which is not installed."), hint=_("type: pip install 'axone[table]'")
        ) from None
    return getattr(datasets, loader)()
