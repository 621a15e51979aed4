"""Batched augmentation of images."""
