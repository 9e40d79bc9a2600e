"""Forms: what is typed becomes plain data, or is said to be wrong in Dutch, and stays as it was typed."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID, uuid4

import pytest
from werkzeug.datastructures import MultiDict

from meldcode_plugin.rules.dossier import Variant
from meldcode_plugin.rules.dossier.body import Place
from meldcode_plugin.rules.entries import LONG, Direction, SignalKind
from meldcode_plugin.web.forms import packages
from meldcode_plugin.web.forms.cases import MoveForm, SearchForm
from meldcode_plugin.web.forms.fields import NO_CLOCK, NO_DAY, TOO_LONG
from meldcode_plugin.web.forms.people import ExcludeForm, RoleForm
from meldcode_plugin.web.forms.signals import NAME_INSTRUMENT, UNTICKED, CorrectionForm, FollowUpForm, SignalForm
from meldcode_plugin.web.forms.steps import FORMS, WHICH_TRIGGER, ClosingForm


def typed(**fields: str) -> SignalForm:
    """Return the form as somebody filled it in; ``fact__text`` stands for fact-text."""
    return SignalForm(MultiDict({name.replace("__", "-"): text for name, text in fields.items()}))


def test_a_blank_form_proposes_today_and_nothing_else() -> None:
    """What was seen was most often seen today; no kind is ticked and no direction leads."""
    form = SignalForm.blank(date(2026, 11, 23))

    assert date(2026, 11, 23) == form.fact.form.observed_on.data
    assert form.ticked() == {}
    assert {"neutral"} == {part.direction.picked() for part in form.kinds().values()}
    assert not form.about_staff


def test_common_things_stand_on_the_first_signal_only() -> None:
    """The child, the instrument and the ticked signs belong to the form; they are not said five times."""
    form = typed(
        fact__on="y",
        fact__text="A",
        hypothesis__on="y",
        hypothesis__text="B",
        subject__who="Zusje",
        instrument__name="X",
    )
    first, second = form.signals(uuid4(), ("s412-school-01",))

    assert ("Zusje", "X", ("s412-school-01",)) == (
        first.subject and first.subject.who,
        first.instrument and first.instrument.name,
        first.catalogue,
    )
    assert (None, None, ()) == (second.subject, second.instrument, second.catalogue)
    assert (SignalKind.FACT, SignalKind.HYPOTHESIS) == (first.signal_kind, second.signal_kind)


@pytest.mark.parametrize(("text", "read"), [("12-05-2026", date(2026, 5, 12)), ("2026-05-12", date(2026, 5, 12))])
def test_dates_are_read_in_two_ways(text: str, read: date) -> None:
    """A browser sends year first, a person types day first."""
    assert read == typed(fact__observed_on=text).fact.form.observed_on.data


def test_times_are_read_with_a_colon_or_a_dot() -> None:
    """10.15 is how a Dutch person writes it."""
    assert time(10, 15) == typed(fact__observed_at="10.15").fact.form.observed_at.data


def test_what_can_not_be_read_stays_as_it_was_typed() -> None:
    """A wrong date and time are said to be wrong beside their fields, and are still there."""
    form = typed(fact__on="y", fact__text="A", fact__observed_on="gisteren", fact__observed_at="na gym")

    assert {"fact-observed_on": NO_DAY, "fact-observed_at": NO_CLOCK} == form.faults()
    assert ("gisteren", "na gym") == (form.fact.form.observed_on._value(), form.fact.form.observed_at._value())


def test_a_text_that_is_too_long_is_refused_and_kept_whole() -> None:
    """Nothing is cut off in silence."""
    form = typed(fact__on="y", fact__text="a" * (LONG + 1))

    assert {"fact-text": TOO_LONG} == form.faults()
    assert LONG + 1 == len(form.fact.form.text._value())


def test_text_under_an_empty_tick_is_asked_about() -> None:
    """It would be lost otherwise."""
    assert {"hypothesis-on": UNTICKED} == typed(hypothesis__text="Ruzie").faults()


def test_an_instrument_without_a_name_is_asked_about() -> None:
    """A result without the instrument says nothing."""
    assert {"instrument-name": NAME_INSTRUMENT} == typed(instrument__result="Hoog").faults()


def test_a_value_that_no_page_offers_counts_as_no_choice() -> None:
    """Who writes a request by hand chooses nothing by it."""
    form = typed(fact__on="y", fact__text="A", fact__direction="sideways", staff="maybe")

    assert Direction.NEUTRAL == form.signals(uuid4(), ())[0].direction
    assert not form.about_staff


def test_a_diagnosis_needs_both_name_and_profession() -> None:
    """R9: half a professional is none."""
    half = typed(diagnosis__on="y", diagnosis__text="X", diagnosis__professional="dr. Smit")
    whole = typed(
        diagnosis__on="y", diagnosis__text="X", diagnosis__professional="dr. Smit", diagnosis__profession="arts"
    )

    assert half.signals(uuid4(), ())[0].diagnosis is None
    assert whole.signals(uuid4(), ())[0].diagnosis is not None


@pytest.mark.parametrize(
    ("form", "names"),
    [
        (FollowUpForm(MultiDict()), {"text"}),
        (CorrectionForm(MultiDict({"text": "Rechts"})), {"reason"}),
        (MoveForm(MultiDict({"pupil": "2601"})), {"reason"}),
        (SearchForm(MultiDict({"words": "a"})), {"words"}),
        (RoleForm(MultiDict({"person": "iemand", "role": "T"})), {"person", "role"}),
        (ExcludeForm(MultiDict()), {"pupil", "kept_away", "reason"}),
    ],
    ids=lambda one: type(one).__name__,
)
def test_other_forms_name_the_fields_that_are_missing(form: FollowUpForm, names: set[str]) -> None:
    """Each form says per field what it still needs."""
    assert names == set(form.faults())


def test_closing_and_a_late_report_name_what_is_missing() -> None:
    """A closing has a reason of the list and words; a report after help says which of the two it is (R38, R43)."""
    assert ClosingForm(MultiDict({"reason": "anders"})).made() == (
        None,
        {
            "reason": "Kies waarom je het dossier sluit.",
            "explanation": "Schrijf op waarom je het dossier sluit.",
        },
    )
    late = FORMS["alsnog"](MultiDict({"made_on": "2026-11-20", "how": "telefoon", "late": "misschien"}))
    assert late.made() == (None, {"late": WHICH_TRIGGER})


def test_a_package_form_keeps_what_parents_know_of_a_file() -> None:
    """Yes and no are kept for a file of the case; no answer and another file are not."""
    yes, no, silent, foreign = (UUID(int=number) for number in range(1, 5))
    typed = MultiDict({f"known-{yes}": "yes", f"known-{no}": "no", f"known-{silent}": "", f"known-{foreign}": "yes"})
    form = packages.FORMS[Variant.REPORT](typed)

    selection, wrong = form.selection(typed, [], [yes, no, silent])

    assert (selection.files_known, wrong) == ({yes: "yes", no: "no"}, {})


def test_a_package_form_takes_places_in_their_own_order_and_no_others() -> None:
    """Equal ticks make equal choices, in whatever order a browser sends them; what no page offers is no place."""
    typed = MultiDict([("injury_places", name) for name in ("achter-rug", "gezicht", "achter-rug", "vleugel")])
    form = packages.FORMS[Variant.REPORT](typed)

    selection, wrong = form.selection(typed, [], [])

    assert (selection.injury_places, wrong) == ((Place.FACE, Place.BACK), {})
    assert packages.begun(Variant.PARENTS, [], selection)["injury_places"].picked() == (Place.FACE, Place.BACK)
    assert "injury_places" in packages.FORMS[Variant.ADVICE]()
