"""Evidence in custody: dossiers with two sides. Knows no case."""
