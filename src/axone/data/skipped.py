"""Files of a folder that cannot be used: a few are skipped; with too many of them the folder is refused."""

from __future__ import annotations

from pathlib import Path

from axone.data.paths import printable_path
from axone.errors import DataError
from axone.messages import _

MAX_SKIPPED = 0.05  # fraction of unusable files above which a folder is refused


def check_skipped(root: Path, skipped: list[tuple[Path, str]], total: int) -> None:
    """Raise DataError, with the first reasons, when more than 5 % of the files of a folder were skipped."""
    if len(skipped) > MAX_SKIPPED * total:
        some = "\n".join(f"  {printable_path(path)}: {reason}" for path, reason in skipped[:5])
        more = "\n  " + _("... and {count} more", count=len(skipped) - 5) if len(skipped) > 5 else ""
        raise DataError(
            _(
                "{bad} of the {total} files in '{path}' cannot be used; more than {limit} % is too many:",
                bad=len(skipped),
                total=total,
                path=printable_path(root),
                limit=round(100 * MAX_SKIPPED),
            )
            + f"\n{some}{more}",
            hint=_("Repair or delete these files."),
        )
