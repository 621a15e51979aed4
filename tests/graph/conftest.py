import jaxtyping
import pytest


@pytest.fixture
def unchecked():
    """Annotations are not checked: what happens then is what a user who gives a wrong type sees."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
