"""Frames over time: generated scenes, videos, folders of numbered frames, and clips cut from them."""
