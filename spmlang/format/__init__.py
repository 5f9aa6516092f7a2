"""The formatter: one layout for every plan file, no options. It never sees meaning."""
