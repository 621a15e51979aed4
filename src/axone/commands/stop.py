"""`axone stop RUN`: ask the process that trains a run to save it and end."""

from __future__ import annotations

import argparse
import json

from axone.display import say
from axone.messages import _


def execute(options: argparse.Namespace) -> int:
    """Leave a request in the run's folder; the training process sees it within a second, saves and ends."""
    from axone.runs import folder
    from axone.runs.stop_request import request_stop

    path = folder.find(options.words[0], options.runs_folder)
    request_stop(path)
    say(_("The run '{run}' was asked to stop. To continue it: axone resume {run}", run=path))
    if options.json:
        print(json.dumps({"run": str(path), "requested": True}))
    return 0
