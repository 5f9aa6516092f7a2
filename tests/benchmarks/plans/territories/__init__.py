"""The plan `territories` and its peers."""
