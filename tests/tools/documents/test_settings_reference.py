"""The reference page of the settings."""

from __future__ import annotations

import re

from tools.documents.settings_reference import main, render


def test_the_page_is_in_step_with_the_settings() -> None:
    assert main(["--check"]) == 0


def test_every_link_leads_to_a_heading_of_the_page() -> None:
    page = render()
    headings = {
        line.lstrip("#").strip().lower().replace(" ", "-").replace(":", "")
        for line in page.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= headings


def test_a_field_says_what_it_takes_and_what_happens_when_it_is_left_out() -> None:
    assert (
        "| `zones` | whole number, 2 to 6 | `3` | How many zones, the first ones by letter. EKS needs two. |"
        in render()
    )


def test_what_is_not_served_yet_says_so() -> None:
    assert "| none | On Google Cloud. Not yet: kubernetes, vertex, cloud-run. |" in render()
