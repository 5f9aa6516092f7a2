"""Run compiled relations in an SQL engine: DuckDB by default, Spark if one machine is too small.

`sql_runner` makes the stages in order, and `sql_renderer` writes relations as SQL. The file of an engine holds only
what that engine does differently.
"""
