"""The reference interpreter: the definition of what a plan means, in plain exact Python. It sees `Program`, not SQL."""
