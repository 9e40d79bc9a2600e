"""Does a parent or relative work here? Asked when a case is taken up, and answerable at any time (domain 5.2)."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules import circle as rules
from meldcode_plugin.rules.entries import KinAtSchool
from meldcode_plugin.rules.policy import Permission
from meldcode_plugin.services import cases, circle
from meldcode_plugin.services.steps import story_of
from meldcode_plugin.store import cases as store
from meldcode_plugin.store import circle as circle_store
from meldcode_plugin.store import ledger
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.work import Work

KIND = "kin_at_school"
ANSWERS = get_args(KinAtSchool.model_fields["answer"].annotation)
CHOOSE = "Kies nee, ja of weet niet."
WHO = "Kies wie het is. Staat die persoon er niet bij? Kies dan 'weet ik niet'."
WHY = "Ouder of familielid van het kind."


def take_up(work: Work, case_id: UUID, said: str, person_id: UUID | None) -> int:
    """Take up what waits; the first time the question about relatives must be answered. Returns how much waited."""
    circle.require_handling(work, case_id)
    if said or not any(entry.kind == KIND for entry in store.entries(work, store.visible(work, case_id).id)):
        answer(work, case_id, said, person_id)
    return cases.accept(work, case_id)


def answer(work: Work, case_id: UUID, said: str, person_id: UUID | None) -> None:
    """Write the answer down. Who works here is kept out at once; not knowing stays an open point."""
    circle.require_handling(work, case_id, Permission.CIRCLE_CHANGE)
    case = ledger.locked_case(work, case_id)
    if said not in ANSWERS:
        raise InputRefused({"kin": CHOOSE})
    work.note(Tag.CASE_READ, case.id)
    same = said == rules.kin(story_of(work, case))
    if same and (said != "yes" or person_id in circle_store.kept_out(work, case)):  # the same form twice
        return
    if said == "yes":
        if person_id is None:
            raise InputRefused({"kin_person": WHO})
        circle.keep_out(work, case_id, person_id, WHY, field="kin_person")
    ledger.append(work, case, KinAtSchool.model_validate({"answer": said}), Tag.KIN_ANSWERED)
