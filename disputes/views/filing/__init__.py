"""Filing: what to expect, then six short steps whose answers are kept as they are typed."""
