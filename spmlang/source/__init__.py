"""File text and diagnostics: the bottom layer, which knows nothing of plans."""
