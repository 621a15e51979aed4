"""A run on disk: its folder, events, checkpoints, manifest, recorder, pictures and report.

Only `checkpoints`, `tensors` and `recorder` need torch: whoever merely reads runs (the studio, `axone runs`)
stays light.
"""
