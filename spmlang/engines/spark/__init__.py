"""The Spark engine: runs the stages on a cluster, or on the cores of this machine."""
