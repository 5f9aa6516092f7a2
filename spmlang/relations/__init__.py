"""The relational language: nodes that every SQL engine can render, and passes that rewrite them.

This folder knows neither plans nor data. `exact_arithmetic` computes in whole numbers with a static scale. `invariants`
has what holds in every pipeline. `stage_spec` is how a compiler declares its stages.
"""
