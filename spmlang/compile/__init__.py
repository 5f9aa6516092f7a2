"""Compile a `Program` into relations, one folder for each step of a run.

The folders lie in the order of the pipeline, and each imports only those before it: sources, periods, payees, credits,
attainment, earnings, limits, reconciliation; then `result_tables` and `pipeline`. `spmlang.reference` has the same folders. A
rule lies in both under the same name. `stages` lies below them all and declares what each stage holds.
"""
