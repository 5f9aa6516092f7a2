"""Open the files of a source. Each format of files has a module."""
