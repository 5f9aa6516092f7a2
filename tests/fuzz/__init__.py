"""Compares engines on as many generated projects as one has time for: `python -m tests.fuzz --pairs 1000 --seed 1`."""
