"""Compute what each component earns for each payee and due period, before limits."""
