"""What every error about data looks like."""


def assert_one_sentence(text: str) -> None:
    assert text.endswith(".")
    assert "\n" not in text
    assert not text.removesuffix(".").endswith(".")
