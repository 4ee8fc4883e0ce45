"""Orders, negotiation and debts for programs."""
