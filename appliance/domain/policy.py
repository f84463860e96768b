"""Where schools and countries differ about consent, as data; everything else is the same everywhere, as functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """What a school has settled.

    own_consent_age: from this age a pupil must have granted too. school_basis_channels: channels on which a grant by
    the school itself (public task, legitimate interest) may stand in for a parent's. channels: those that exist here
    (None: all that the appliance knows). yearly_renewal: no grant lasts longer than 12 months, whatever it says.
    every_parent: on a channel too every parent has to grant. biometrics: whether biometric consent counts at all.
    """

    own_consent_age: int | None = None
    school_basis_channels: frozenset[str] = frozenset()
    channels: frozenset[str] | None = None
    yearly_renewal: bool = False
    every_parent: bool = False
    biometrics: bool = True

    @property
    def version(self) -> str:
        """Equal for equal policies only."""
        return ":".join(str(sorted(v) if isinstance(v, frozenset) else v) for v in astuple(self))


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """What a country's rules ask for at least, as far as this appliance can hold a school to it."""

    about: str
    own_consent_age: int | None = None
    school_basis: bool = True
    yearly_renewal: bool = False
    every_parent: bool = False
    biometrics: bool = True


JURISDICTIONS: Mapping[str, Jurisdiction] = MappingProxyType({
    "england-and-wales": Jurisdiction("Protection of Freedoms Act 2012, s. 26–28: what the box does anyway."),
    "own-word-at-13": Jurisdiction("Pupils of 13 and more are asked themselves too.", own_consent_age=13),
    "every-parent": Jurisdiction(
        "All who have parental responsibility sign, and pupils of 14 and more too; no other basis than consent.",
        own_consent_age=14, school_basis=False, yearly_renewal=True, every_parent=True,
    ),
    "no-biometrics": Jurisdiction("Faces of pupils are never matched.", biometrics=False),
})  # fmt: skip
"""Starting points that a school's adviser has to check; none can loosen anything."""


def tightened(policy: ConsentPolicy, by: Jurisdiction) -> ConsentPolicy:
    """The school's policy with what the jurisdiction asks for on top: nobody is shown by it who was not before."""
    ages = [age for age in (policy.own_consent_age, by.own_consent_age) if age is not None]
    return replace(
        policy,
        own_consent_age=min(ages, default=None),
        school_basis_channels=policy.school_basis_channels if by.school_basis else frozenset(),
        yearly_renewal=policy.yearly_renewal or by.yearly_renewal,
        every_parent=policy.every_parent or by.every_parent,
        biometrics=policy.biometrics and by.biometrics,
    )
