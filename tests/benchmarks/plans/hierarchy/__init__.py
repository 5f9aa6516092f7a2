"""The plan `hierarchy` and its peers."""
