"""The engines agree, exactly, on generated plans and data; and what they agree on has the properties it must have."""
