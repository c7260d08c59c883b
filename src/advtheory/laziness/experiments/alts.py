"""What the panels of figures show, in words and with the numbers that are read off their records.

Each function takes what the experiment's ``summarise`` gives and describes panel after panel.
"""

from __future__ import annotations

from collections.abc import Mapping

from advtheory.contract.estimates import Estimate, Key

Found = Mapping[Key, Estimate]


def each(found: Found, quantity: str, digits: int = 2) -> str:
    """A quantity on each of its curves.

    >>> each({Key("step", "d=25"): Estimate(-0.98, None, 1)}, "step")
    '-0.98 for d = 25'
    """
    of = {key.curve: number for key, number in found.items() if key.quantity == quantity}
    named = [f"{number.value:.{digits}f} for {_curve(curve)}" for curve, number in of.items()]
    return "; ".join(named) or "none yet, there are too few points"


def _curve(curve: str) -> str:
    return curve.replace("c0", "C0").replace("=", " = ")


def cone(found: Found) -> list[str]:
    """Figure 1 of Wang et al. (2022)."""
    return [
        "The cone over the lazy ball: a wedge with its tip at 0 that touches the ball, a short "
        "upright bar around W0. Squares on its edge are the networks cW that were measured.",
        "The flipping step of cW against c on logarithmic axes: straight lines. Slopes: "
        f"{each(found, 'step')}.",
        "The flipping distance of cW against c: level lines, lower for larger d. Slopes: "
        f"{each(found, 'distance')}.",
        "The share of inputs that one step flips against c. With the step divided by c it is "
        f"{each(found, 'rescaled')}, whatever c is. With the same step for all c it falls for "
        f"small c, and is one half at c = {each(found, 'half')}.",
    ]


def two_starts(found: Found) -> list[str]:
    """The experiment ``contrast-init``."""
    return [
        "Gradient norm against d on logarithmic axes, for shifted and trained networks. Slopes: "
        f"{each(found, 'gradient_norm')}. Dashed lines, the theory for the shifted networks, lie "
        "on their curves.",
        "Flipping distance along the gradient against d, for shifted and trained networks. Slopes: "
        f"{each(found, 'distance')}.",
        "Shortest flip that PGD finds against d, for shifted and trained networks. Slopes: "
        f"{each(found, 'attack')}.",
    ]


def worst_case(found: Found) -> list[str]:
    """The experiment ``lazy-worst-case``."""
    shift, bend = found.get(Key("shift/C0")), found.get(Key("bend", "start"))
    return [
        "Largest change of the value against C0: the measured line lies at "
        f"{shift.value if shift else 0.5:.2f} C0, half of the bound C0.",
        "Number of neurons that can switch against the width m, a line for each C0. Slopes: "
        f"{each(found, 'switching')}. All lie near the dashed lines C0 sqrt(2m/pi).",
        "Share of the gradient that is left against C0 over sqrt(d), a curve for each d: all fall "
        "on one straight line at first, then they part, and the proved floor goes on down. Left at "
        f"the largest d: {each(found, 'left')}.",
        "Largest change of the gradient, relative to its length at the start, against d. Slopes: "
        f"{each(found, 'relative')}. The bound of the theorem lies far above.",
        "Relative change of the gradient over a step of 1/sqrt(d), against d. Slopes after "
        f"shrinking the gradient: {each(found, 'bend_shrunk')}; at the start: "
        f"{f'{bend.value:.2f}' if bend else 'none yet'}. A dotted line marks one half.",
        "Flipping distance after raising the value, against d, a curve for each C0 and one for the "
        f"start. Slopes: {each(found, 'distance_raised')}.",
    ]


def saturated(found: Found) -> list[str]:
    """The experiment ``saturated-attacks``."""
    robust, clean = found[Key("robust")].value, found[Key("clean")].value
    return [
        "Claimed robust accuracy against the median margin of the scaled network. The attack along "
        f"the margin claims {robust:.2f} everywhere; without attack the accuracy is {clean:.2f}. "
        "The attacks along the cross-entropy agree with it for small margins and claim more from "
        f"this median margin on: {each(found, 'wrong_from', 0)}.",
        "Claimed robust accuracy of CleverHans and torchattacks against the batch size: both rise "
        f"with it, above the line of the margin at {robust:.2f}.",
    ]


def common_perturbation(found: Found) -> list[str]:
    """The experiment ``common-perturbation``."""
    half = {
        panel: {key: number for key, number in found.items() if key.curve.startswith(f"{x}=")}
        for panel, x in (("left", "d"), ("right", "m"))
    }
    return [
        "Share of doomed test images over dimension and budget: none for small budgets. Half of "
        f"them are doomed at the budget {each(half['left'], 'threshold')}.",
        "Share of doomed test images over width and radius: most for small radii, none for large "
        f"ones. Half of them are doomed at the radius {each(half['right'], 'threshold')}.",
    ]
