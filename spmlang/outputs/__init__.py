"""Turn the result of a run into files and reports for people: payouts, payments, components, reconciliation."""
