"""A signal that is sent twice, by a double click, the back button or a second tab, is there once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.school import School
from tests.browser.test_signals import FORM, WORDS, receipt, send, sent, write


def test_a_double_click_is_one_signal(own_school: School) -> None:
    """Two clicks on send make one signal, and the second leads to the same receipt."""
    page = own_school.open(FORM, "teacher")
    write(page)
    page.get_by_role("button", name="Versturen naar IB-er").dblclick()

    expect(receipt(page)).to_be_visible()
    assert len(sent(own_school)) == 1


def test_a_double_click_without_scripts_is_one_signal(own_school: School) -> None:
    """Without JavaScript the key of the form does it: the same form, sent twice, is one signal."""
    page = own_school.open(FORM, "teacher", scripts=False)
    write(page)
    page.get_by_role("button", name="Versturen naar IB-er").dblclick(no_wait_after=True)

    expect(receipt(page)).to_be_visible()
    assert len(sent(own_school)) == 1


def test_back_after_sending_leads_to_the_receipt(own_school: School) -> None:
    """The back button does not bring back a form that was sent."""
    page = own_school.open("/signaal/" + _draft(own_school), "teacher")
    send(page)
    expect(receipt(page)).to_be_visible()
    page.go_back()

    expect(receipt(page)).to_be_visible()
    assert len(sent(own_school)) == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("form", [FORM, "/signaal"], ids=["of a pupil", "without a pupil"])
def test_back_to_the_first_form_leads_to_the_receipt(own_school: School, form: str, *, scripts: bool) -> None:
    """The form of a pupil page too is the same one after the back button, so nothing can go twice."""
    page = own_school.open(form, "teacher", scripts=scripts)
    write(page)
    if form != FORM:
        page.get_by_label("Over welk kind gaat het?").fill("Het zusje van Bram")
    send(page)
    expect(receipt(page)).to_be_visible()
    page.go_back()

    expect(receipt(page)).to_be_visible()
    assert len(sent(own_school)) == 1


def test_other_words_under_a_sent_key_are_kept_and_can_go_as_a_new_signal(own_school: School) -> None:
    """A form that stood open in a second tab does not change what was sent, and loses no word (R6)."""
    address = "/signaal/" + _draft(own_school)
    page, second = own_school.open(address, "teacher"), own_school.open(address, "teacher", scripts=False)
    send(page)
    expect(receipt(page)).to_be_visible()
    second.get_by_label("Wat zag je precies?").fill("Heel andere woorden.")
    send(second)

    expect(second.get_by_text("Dit signaal is al verstuurd")).to_be_visible()
    expect(second.get_by_label("Wat zag je precies?")).to_have_value("Heel andere woorden.")
    assert [WORDS] == [one.content.text for one in sent(own_school)]

    send(second)
    expect(receipt(second)).to_be_visible()
    assert {WORDS, "Heel andere woorden."} == {one.content.text for one in sent(own_school)}


def _draft(school: School) -> str:
    page = school.open(FORM, "teacher", scripts=False)
    write(page)
    page.get_by_role("button", name="Opslaan als concept", exact=True).click()
    expect(page.get_by_text("Concept bewaard om")).to_be_visible()
    return page.url.rpartition("/")[2]
