import jaxtyping
import pytest


@pytest.fixture
def unchecked():
    """Annotations are not checked at run time, as for a user of the installed package."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
