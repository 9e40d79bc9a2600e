"""The kinds of entries of the ledger: one payload class each, checked data and nothing else.

An entry is never changed. A payload carries ``v``; an older version is upgraded on read.
"""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field, TypeAdapter

from meldcode_plugin.rules.entries.base import (
    LONG,
    REASONED,
    SHORT,
    Payload,
    Step,
    YesNo,
)
from meldcode_plugin.rules.entries.consulting import (
    PARTNER_NAMES,
    PURPOSE_NAMES,
    SPECIAL_NAMES,
    VT_NAMES,
    Consultation,
    DirectorInformed,
    Partner,
    Purpose,
    Special,
    SpecialForm,
)
from meldcode_plugin.rules.entries.course import (
    BASIS_NAMES,
    KEEPING,
    Basis,
    Closed,
    DestructionProposed,
    KinAtSchool,
    Party,
    Reopened,
    SignalAccepted,
    SignalMovedAway,
    SignalMovedHere,
    Snoozable,
    Snoozed,
    TransferTalk,
)
from meldcode_plugin.rules.entries.deciding import (
    Approval,
    Decision,
    Effect,
    HelpEffectCheck,
    HelpPlan,
)
from meldcode_plugin.rules.entries.reporting import (
    ConfidentialityCheck,
    ConsentEffort,
    InformationRequest,
    Objection,
    OwnRole,
    Report,
    ReportNotice,
    SignallerFeedback,
    VtFeedback,
)
from meldcode_plugin.rules.entries.signals import (
    DIRECTION_NAMES,
    KIND_NAMES,
    STATUS_NAMES,
    Correction,
    Diagnosis,
    Direction,
    FollowUp,
    HypothesisStatus,
    Instrument,
    Signal,
    SignalKind,
    Source,
    Subject,
)
from meldcode_plugin.rules.entries.talking import (
    GROUND_NAMES,
    ChildConversation,
    Ground,
    ParentConversation,
    ParentStatement,
    Stage,
    TalkPreparation,
    TalkShared,
    TalkWaiver,
)
from meldcode_plugin.rules.entries.weighing import (
    Level,
    Weighing,
)

__all__ = [
    "BASIS_NAMES",
    "DIRECTION_NAMES",
    "GROUND_NAMES",
    "KEEPING",
    "KINDS",
    "KIND_NAMES",
    "LONG",
    "OWN_KINDS",
    "PARTNER_NAMES",
    "PURPOSE_NAMES",
    "REASONED",
    "SHORT",
    "SPECIAL_NAMES",
    "STATUS_NAMES",
    "VALUE_NAMES",
    "VT_NAMES",
    "AnyPayload",
    "Approval",
    "Basis",
    "ChildConversation",
    "Closed",
    "ConfidentialityCheck",
    "ConsentEffort",
    "Consultation",
    "Correction",
    "Decision",
    "DestructionProposed",
    "Diagnosis",
    "Direction",
    "DirectorInformed",
    "Effect",
    "FollowUp",
    "Ground",
    "HelpEffectCheck",
    "HelpPlan",
    "HypothesisStatus",
    "InformationRequest",
    "Instrument",
    "KinAtSchool",
    "Level",
    "Objection",
    "OwnRole",
    "ParentConversation",
    "ParentStatement",
    "Partner",
    "Party",
    "Payload",
    "Purpose",
    "Reopened",
    "Report",
    "ReportNotice",
    "Signal",
    "SignalAccepted",
    "SignalKind",
    "SignalMovedAway",
    "SignalMovedHere",
    "SignallerFeedback",
    "Snoozable",
    "Snoozed",
    "Source",
    "Special",
    "SpecialForm",
    "Stage",
    "Step",
    "Subject",
    "TalkPreparation",
    "TalkShared",
    "TalkWaiver",
    "TransferTalk",
    "VtFeedback",
    "Weighing",
    "YesNo",
    "dump",
    "load",
]

AnyPayload = Annotated[
    Signal
    | FollowUp
    | Correction
    | SignalAccepted
    | SignalMovedAway
    | SignalMovedHere
    | Closed
    | Reopened
    | DestructionProposed
    | Party
    | KinAtSchool
    | TransferTalk
    | Snoozed
    | Consultation
    | DirectorInformed
    | SpecialForm
    | TalkPreparation
    | ParentConversation
    | TalkShared
    | ParentStatement
    | TalkWaiver
    | ChildConversation
    | Weighing
    | Decision
    | Approval
    | HelpPlan
    | HelpEffectCheck
    | ReportNotice
    | Objection
    | ConsentEffort
    | ConfidentialityCheck
    | Report
    | OwnRole
    | VtFeedback
    | InformationRequest
    | SignallerFeedback,
    Field(discriminator="kind"),
]
_ADAPTER: TypeAdapter[AnyPayload] = TypeAdapter(AnyPayload)

VALUE_NAMES: dict[str, str] = {
    **{
        member.value: name
        for names in (PARTNER_NAMES, PURPOSE_NAMES, SPECIAL_NAMES, GROUND_NAMES)
        for member, name in names.items()
    },
    **VT_NAMES,
    "ouders": "Ouders",
    "leerling": "De leerling zelf",
    "beiden": "Ouders en leerling",
}
"""How the values of the steps read on the screen."""

KINDS: tuple[type[Payload], ...] = get_args(get_args(AnyPayload)[0])
"""Every kind of entry that there is."""

OWN_KINDS = ("signal", "follow_up", "correction")
"""Kinds that a member of staff writes, and so may read again when they wrote it themselves."""


def dump(payload: Payload) -> bytes:
    """Return the payload as canonical JSON bytes, to be sealed."""
    return payload.model_dump_json(exclude_defaults=False).encode()


def load(data: bytes) -> AnyPayload:
    """Return the payload that these bytes hold; an unknown kind or field raises ValueError."""
    return _ADAPTER.validate_json(data)
