"""The tests read like documentation: an input and what is expected of it."""
