"""The formatter: one layout for all plan files, without options. It works on the tree, not on the meaning."""
