"""What happened: append-only, hash-chained. Every page, notice, audit and export reads from here."""
