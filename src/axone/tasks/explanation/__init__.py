"""Explanations of an image classifier's answer."""
