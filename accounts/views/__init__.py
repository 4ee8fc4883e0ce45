"""Settings, store staff, people and invitations as pages."""
