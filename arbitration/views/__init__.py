"""The arbiters' desk: HTML pages of the platform's staff."""
