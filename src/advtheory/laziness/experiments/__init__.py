"""The experiments of the part "Laziness": one module for each family of figures."""
