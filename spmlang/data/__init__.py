"""Load data files into typed tables. A value that breaks the contract is reported with its file, row and column.

`load` loads the sources of a project. `formats/` has a module for each format of files, `value_checks` and `key_checks`
the rules that rows must keep. All other folders read data only through `tables`.
"""
