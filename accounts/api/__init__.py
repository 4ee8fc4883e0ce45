"""Oneself, people, invitations, integrations and the people of a store, for programs."""
