"""The plan `attainment` and its peers."""
