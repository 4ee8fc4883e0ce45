"""The demo world: a cast, its goods, pictures that look like evidence, and stories played through the verbs."""
