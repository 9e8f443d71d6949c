"""What scripts/bench is made of: one module per table, on servers and report."""
