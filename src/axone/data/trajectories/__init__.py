"""Positions over time: tables of tracks, generated balls and traffic, and windows cut from them."""
