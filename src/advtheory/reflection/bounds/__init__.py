"""The bounds of Mianjy & Arora (2023) as numbers: an attack's, and adversarial training's."""

__all__: list[str] = []
