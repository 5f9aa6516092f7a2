"""Recompute a sample of a run with the reference interpreter, and bundle what differs."""
