"""What stands around the dossier of the house: a hand-over, a share, a link, break-glass, a line of the register."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import allegations, break_glass, circle, family, shares
from meldcode_plugin.services.allegations import NewAllegation
from meldcode_plugin.services.shares import NewShare
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store.models.circle import BreakGlass, FamilyLink, Share, Succession
from meldcode_plugin.store.models.register import StaffAllegation
from tests.doors.house import House


def surround(house: House) -> None:
    """Offer the dossier to an AF who has no other business in it, and make one to which no IB-er may come."""
    world = house.world
    offer_to(house, world.af)
    share_with(house, world.colleague)
    about = world.card("2604")
    world.record(about=about)
    number = world.case_of(about)
    with world.system() as work:
        for person_id in people_store.holders(work, Role.IB):
            people_store.add_exclusion(work, person_id, "Familie.", case_id=number)
    house.ids["number"] = str(number)
    _link_sister(house)
    with world.work(world.board) as work:
        break_glass.break_glass(work, "2604", "De IB-ers mogen hier niet bij en er is haast.")
        house.ids["glass"] = str(work.inner.scalars(sa.select(BreakGlass.id)).one())
    with world.work(world.teacher) as work:
        day, key = world.clock().date(), uuid4()
        allegations.record(work, NewAllegation(key=key, sexual="no", informed="Ruud", informed_on=day))
        house.ids["line"] = str(work.inner.scalars(sa.select(StaffAllegation.id)).one())


def _link_sister(house: House) -> None:
    """Link the dossier to that of another child, and let there be a third that could be."""
    world, case = house.world, UUID(house.ids["case"])
    others = []
    for about in (world.card("2301"), world.card("2305")):
        world.record(about=about)
        others.append(world.case_of(about))
    with world.work(world.ib) as work:
        family.link(work, case, others[0])
        house.ids["link"] = str(work.inner.scalars(sa.select(FamilyLink.id)).one())
    house.ids["sibling"] = str(others[1])


def share_with(house: House, viewer: Viewer) -> None:
    """Let the IB-er share the one signal with somebody for a week."""
    piece, day = (UUID(house.ids["entry"]),), house.world.clock().date() + timedelta(days=7)
    with house.world.work(house.world.ib) as work:
        new = NewShare(viewer.person_id, "zorgteam", "Wat zie jij?", day, piece)
        shares.share(work, UUID(house.ids["case"]), new)
        house.ids["share"] = str(work.inner.scalars(sa.select(Share.id)).one())


def offer_to(house: House, viewer: Viewer) -> None:
    """Let the IB-er offer the dossier to somebody."""
    with house.world.work(house.world.ib) as work:
        circle.hand_over(work, UUID(house.ids["case"]), viewer.person_id, "Ik ga met verlof.")
        house.ids["offer"] = str(work.inner.scalars(sa.select(Succession.id)).one())
