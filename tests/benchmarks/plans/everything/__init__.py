"""The plan `everything` and its peers."""
