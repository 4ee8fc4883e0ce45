"""Who is told what: in-app notices, read from the ledger."""
