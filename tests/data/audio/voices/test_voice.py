from axone.data.audio.voices.voice import Voice


def test_a_voice_is_compared_by_its_values():
    assert Voice("en+f3") == Voice("en+f3", 160, 50, 50) != Voice("en+f4")
