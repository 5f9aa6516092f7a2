"""Exact values: rounding, money, the calendar."""
