"""The sections of a case page and of a ruling, made ready for the components. No query."""
