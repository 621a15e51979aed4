"""The error of an environment of Gymnasium that raises, does not answer, or dies."""

from __future__ import annotations

import multiprocessing

from axone.errors import WorkerError
from axone.messages import _
from axone.play.gym.time_limit import CallTimeoutError

MORE = 10  # times the limit, as a proposal for slow environments


def describe_failure(name: str, function: str, step: int, error: BaseException, timeout: float) -> WorkerError:
    """Return the error of a call of an environment.

    Args:
        name: The name of the world.
        function: The function of the environment.
        step: The number of the step.
        error: What the call raised. The end of a pipe means that the process of the environment died.
        timeout: The seconds that a call may take.
    """
    place = {"name": name, "function": function, "step": step}
    if isinstance(error, CallTimeoutError | multiprocessing.TimeoutError):
        return WorkerError(
            _("'{name}': {function}() has not ended after {seconds} seconds, in step {step}.",
              seconds=f"{timeout:g}", **place),
            hint=_("a slow environment: type --timeout {more} (0: no limit); one that stops answering now and then: "
                   "--processes, which starts it again", more=f"{MORE * timeout:g}"),
        )  # fmt: skip
    if isinstance(error, EOFError | ConnectionError):
        return WorkerError(
            _("A process of '{name}' died in {function}(), step {step}.", **place),
            hint=_("to see where, type it without --processes, beginning with: python -X faulthandler -m axone"),
        )
    return WorkerError(
        _("'{name}' failed in {function}(), step {step}: {kind}: {error}",
          kind=type(error).__name__, error=error, **place),
        hint=_("type the same with --debug to see the traceback"),
    )  # fmt: skip
