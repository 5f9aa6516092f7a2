"""Data files become typed, proven tables; nothing is guessed and nothing is dropped in silence."""
