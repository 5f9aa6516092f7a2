"""The relational language: nodes that every SQL engine can render, and passes that rewrite them.

This folder knows neither plans nor data. `exact_numbers` is its arithmetic: whole numbers with a static scale.
"""
