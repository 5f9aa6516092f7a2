"""Parse plan text into a lossless tree and an abstract tree, with recovery. Only this folder imports lark.

`parse` makes the lossless tree (`tree`), `lower` the abstract tree (`ast`). `statements` has a row for each kind of
statement, from which `grammar` completes the grammar file. `fast_parser` reads good text by Lark's tables;
`slow_parser` repairs or cuts out what cannot be read, and `parse_errors` explains it.
"""
