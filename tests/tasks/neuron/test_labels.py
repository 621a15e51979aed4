"""The built-in table of people is shown in the user's language; names of a user's own table stay as they are."""

from axone.messages import use_language
from axone.tasks.neuron.labels import label_activation, label_names


def test_names_of_the_built_in_table_are_translated():
    assert label_names(["age", "weight"], "people") == ("age", "weight")
    with use_language("fr"):
        assert label_names(["age", "weight", "child", "adult"], "people") == ("âge", "poids", "enfant", "adulte")
        assert label_names(["age", "weight"], "my.csv") == ("age", "weight")
        assert label_names(["height"], "people") == ("height",)


def test_activation_functions_have_names_for_people():
    assert label_activation("relu") == "ReLU" and label_activation("other") == "other"
    with use_language("fr"):
        assert label_activation("sigmoid") == "sigmoïde"
