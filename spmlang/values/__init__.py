"""Exact values of the domain: rounding, money and the fiscal calendar. No file here knows syntax or an engine."""
