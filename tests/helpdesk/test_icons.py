"""The file with all symbols has every one that a page asks for."""

import re

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from helpdesk import icons


def test_every_symbol_that_pages_name_is_in_the_file(people):
    templates = "".join(path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html"))
    named = set(re.findall(r'{% icon "([\w-]+)" %}', templates))
    client = Client()
    for person in (people.admin, people.supervisor):
        client.force_login(person)
        named |= set(re.findall(r"icons\.svg#([\w-]+)", client.get("/desk/").content.decode()))
    there = re.findall(r'<symbol id="([\w-]+)"', icons.drawn())
    assert len(there) == len(set(there)) and named <= set(there)


def test_the_file_is_found_as_other_static_files_are():
    with open(finders.find(icons.FILE)) as file:
        assert file.read() == icons.drawn()
