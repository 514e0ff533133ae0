"""What a municipality requires before it shares data, whether a partner meets it, and what the municipality decided."""
