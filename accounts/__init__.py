"""People, stores, sign-in, and policy.py: who may do what."""
