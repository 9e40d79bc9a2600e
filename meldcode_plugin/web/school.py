"""The page *school en installatie*, for who looks after the machine and who answers for it; no child on it."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from meldcode_plugin.services import school as service
from meldcode_plugin.web.gate import door, viewer


def add_to(pages: Blueprint) -> None:
    """Add this page to the blueprint."""
    pages.add_url_rule("/school", "school", school)


def school() -> Response:
    """Show how the installation is doing."""
    page = service.page(door(), viewer())
    return make_response(render_template("meldcode/school/school.html", page=page))
