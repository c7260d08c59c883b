"""What a paper or this book states about an estimate, and the rule that judges it."""

from __future__ import annotations

from dataclasses import dataclass

from advtheory.contract.estimates import Estimate, Key

EQUAL, AT_MOST, AT_LEAST = RELATIONS = ("equal to", "at most", "at least")
THIS_BOOK = "this book"
"""The source of a claim that is a theorem or a computation of the book, not of a paper."""

AGREES, DISAGREES = "agrees", "disagrees"
HOLDS, VIOLATED = "holds", "violated"
NOT_MEASURED, OUR_OWN, IN_WORDS = "not measured", "our own", "in words"
VERDICTS = (AGREES, DISAGREES, HOLDS, VIOLATED, IN_WORDS, NOT_MEASURED, OUR_OWN)

SIGMAS = 2  # standard errors by which chance alone may move an estimate


@dataclass(frozen=True)
class Claim:
    """A number or a bound for the estimate of the same key, and who states it.

    Attributes:
        experiment: the experiment's name.
        key: which of its estimates.
        symbol: the quantity as a formula.
        text: the same in words.
        value: the number; None where the source uses words only, which ``words`` then quotes.
        relation: what the estimate is said to be: equal to, at most, or at least the number.
        tolerance: how far apart the two may be for a reason other than chance, for example because
            the number is a limit; the reason stands in ``text``.
        source: the paper, or "this book".
        place: where in it.
    """

    experiment: str
    key: Key
    symbol: str
    text: str
    value: float | None
    source: str
    place: str
    relation: str = EQUAL
    tolerance: float = 0.0
    words: str = ""


def judge(claim: Claim | None, estimate: Estimate | None) -> str:
    """The verdict, one of ``VERDICTS``.

    Let s be the larger of the claim's tolerance and two standard errors of the estimate. A number
    agrees where the two differ by at most s. A bound is violated where the estimate is on its
    wrong side by more than s, and holds elsewhere.

    >>> claim = Claim("toy", Key("slope"), "s", "the slope", 0.5, "A paper", "Figure 1")
    >>> judge(claim, Estimate(0.47, 0.02, 10)), judge(claim, Estimate(0.43, 0.02, 10))
    ('agrees', 'disagrees')
    """
    if claim is None:
        return OUR_OWN
    if estimate is None:
        return NOT_MEASURED
    if claim.value is None:
        return IN_WORDS
    allowed = max(claim.tolerance, SIGMAS * (estimate.error or 0.0))
    over = estimate.value - claim.value
    if claim.relation == EQUAL:
        return AGREES if abs(over) <= allowed else DISAGREES
    beyond = over if claim.relation == AT_MOST else -over
    return HOLDS if beyond <= allowed else VIOLATED
