"""Prediction of motion: the next frames of a video, and the next positions of things."""
