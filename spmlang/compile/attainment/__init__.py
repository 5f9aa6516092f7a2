"""Compute measures to date, their roll-ups along the reporting line, and their quotas."""
