"""The Spark engine: the stages of a run on a cluster, or on the cores of this machine."""
