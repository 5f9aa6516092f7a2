"""The version of spmlang."""

__version__ = "0.1.0"
