"""The plan versions that payees are on, by day."""
