"""A network as a player: where its search explores, and where not."""

from axone.play.search.gumbel import Gumbel
from axone.play.search.puct import Puct
from axone.tasks.games.players import make_rule
from tests.helpers.self_play import tiny_settings


def test_rules_have_noise_where_a_network_learns():
    assert make_rule(tiny_settings(), 9.0, explores=True) == Gumbel(considered=16, scale=1.0)
    assert make_rule(tiny_settings(), 9.0, explores=False) == Gumbel(considered=16, scale=0.0)
    puct = make_rule(tiny_settings(rule="puct"), 5.0, explores=True)
    assert isinstance(puct, Puct) and puct.noise_alpha == 2.0 and puct.noise_share > 0 and puct.temperature == 1
    quiet = make_rule(tiny_settings(rule="puct"), 5.0, explores=False)
    assert isinstance(quiet, Puct) and quiet.noise_share == quiet.temperature == 0
