"""Mistakes with place, cause and remedy, and the formats in which they are shown.

All wording lies in `messages.toml`; code names a message and gives its words.
"""
