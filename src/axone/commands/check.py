"""`axone check`: the hardware of this machine, and what Axone will use of it."""

from __future__ import annotations

import argparse
import json

from axone.messages import _


def execute(options: argparse.Namespace) -> int:
    """Print processor, memory, devices, the chosen device and precision, and versions."""
    from axone.engine.machine.device import available_devices, choose_device, environment, memory_bytes, use_threads
    from axone.engine.machine.precision import choose_precision, has_bfloat16
    from axone.play.bodies import is_compiled, numba_version

    device = choose_device("auto")
    use_threads(0)
    dtype = choose_precision("auto", device)
    facts = {**environment(device, dtype), "devices": available_devices(), "bfloat16": has_bfloat16(device)}
    facts["numba"] = numba_version()
    facts["kernels_compiled"] = is_compiled()
    memory = memory_bytes()
    facts["memory_gigabytes"] = round(memory / 1e9, 1) if memory else None
    if options.json:
        print(json.dumps(facts))
        return 0
    rows = [
        (_("processor"), f"{facts['processor']} ({', '.join(facts['features']) or '-'})"),
        (_("memory"), f"{facts['memory_gigabytes']} GB" if memory else "?"),
        (_("devices"), ", ".join(facts["devices"])),
        (_("Axone will use"), f"{facts['device']}, {facts['precision']}, " + _("{n} threads", n=facts["threads"])),
        (_("worlds and games"), describe_body(facts["numba"], facts["kernels_compiled"])),
        (_("versions"), f"axone {facts['axone']}, torch {facts['torch']}, Python {facts['python']}"),
        (_("system"), facts["platform"]),
    ]
    if not facts["bfloat16"]:
        rows.insert(4, ("", _("(float32, because this hardware only emulates bfloat16, which is slower)")))
    width = max(len(title) for title, _value in rows)
    for title, value in rows:
        print(f"{title:{width}}  {value}")
    return 0


def describe_body(numba: str | None, compiled: bool) -> str:
    """Return how simulations run on the processor: as kernels, or as tensor operations."""
    if numba is None:
        return _(
            "tensor operations; kernels are faster, and need numba: {command}", command="pip install 'axone[play]'"
        )
    if not compiled:
        return _(
            "kernels that are not compiled, and slow, because NUMBA_DISABLE_JIT is set (numba {numba})", numba=numba
        )
    return _("kernels, compiled by numba {numba}", numba=numba)
