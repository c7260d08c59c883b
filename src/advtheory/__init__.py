"""Adversarial training of wide networks: the package behind the book.

Importing the package loads nothing heavy; import the module you need, for instance
``from advtheory.networks import initialise``.
"""

__version__ = "0.1.0"
