"""While tests run, every shape annotation of the package is checked (jaxtyping, by way of beartype)."""

import atexit
import os
import shutil
import tempfile

import jaxtyping
from jaxtyping import install_import_hook

os.environ.setdefault("AXONE_OFFLINE", "1")  # no test may reach the network
# Caches of the tests' own images do not belong in the user's cache folder.
os.environ["AXONE_CACHE"] = tempfile.mkdtemp(prefix="axone-tests-")
atexit.register(shutil.rmtree, os.environ["AXONE_CACHE"], ignore_errors=True)
# Several test processes share the cores; threads of one process waiting for another cost far more than they give.
os.environ["OMP_NUM_THREADS"] = "1"
install_import_hook("axone", "beartype.beartype")

import pytest  # noqa: E402
import torch  # noqa: E402

from axone import messages  # noqa: E402


@pytest.fixture(autouse=True)
def _same_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts in English, with the same random state."""
    monkeypatch.setenv("COLUMNS", "160")  # help pages wrap at the width of the terminal
    messages.use("en")
    torch.manual_seed(0)


@pytest.fixture
def unchecked():
    """Annotations are not checked at run time, as for a user of the installed package."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
