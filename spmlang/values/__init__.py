"""Exact values of the domain: rounding, money, the fiscal calendar. Knows no syntax and no engine."""
