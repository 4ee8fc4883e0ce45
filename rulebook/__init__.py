"""The platform's versioned rules: clauses, causes, clocks, remedies, points."""
