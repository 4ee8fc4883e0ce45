"""HTML pages of the two sides."""
