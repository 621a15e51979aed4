"""Runs for tests: small trainings, folders of runs, stops, damage and forgeries."""
