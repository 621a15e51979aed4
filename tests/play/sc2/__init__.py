"""Tests of the adapter for StarCraft II, against a fake server."""
