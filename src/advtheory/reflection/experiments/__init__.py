"""The experiments of the part "Reflection"."""
