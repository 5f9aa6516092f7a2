"""The plan `flat` and its peers."""
