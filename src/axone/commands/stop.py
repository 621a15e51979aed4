"""`axone stop RUN`: ask the process that trains a run to save it and end."""

from __future__ import annotations

import argparse
import json

from axone.display import say
from axone.messages import _
from axone.shell import quote


def execute(options: argparse.Namespace) -> int:
    """Leave a request in the run's folder; the training process sees it within a second, saves and ends."""
    from axone.runs import folder
    from axone.runs.stop_request import request_stop

    path = folder.find(options.words[0], options.runs_folder)
    request_stop(path)
    say(_("The run '{path}' was asked to stop. To continue it: axone resume {run}", path=path, run=quote(path)))
    if options.json:
        print(json.dumps({"run": str(path), "requested": True}))
    return 0
