"""Run compiled relations in a SQL engine: DuckDB by default, Spark for those who outgrow one machine.

`sql_runner` makes the stages in order, `sql_renderer` writes relations as SQL; the file of an engine holds only what it does
in a way of its own.
"""
