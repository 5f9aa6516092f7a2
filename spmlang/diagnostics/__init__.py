"""Diagnostics with place, cause and remedy, and the formats that show them.

All wording is in `messages.toml`; code names a message by its slug and gives its words.
"""
