"""Rows of the tables by key and day, and the exact values of expressions over them."""
