"""A disk without room: nothing is half written, nobody is blamed for it, and all goes on when there is room again."""

from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.faults.conftest import pick
from tickets.models import Attachment, Ticket

FORM = {
    "name": "Carla Conti",
    "email": "carla@example.org",
    "subject": "Where is my parcel",
    "body": "Good morning, my parcel should have come on Friday.",
    "language": "en",
}


@pytest.fixture
def disk(helpdesk) -> Path:
    """The small disk that PostgreSQL and the files of this house live on."""
    if helpdesk.disk is None:
        pytest.skip("a disk of its own can only be mounted by root where mounting is allowed")
    return helpdesk.disk


@contextmanager
def full(disk: Path):
    ballast = disk / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            while file.write(bytes(2**20)):
                pass
    except OSError:
        pass
    try:
        yield
    finally:
        ballast.unlink()


def test_full_disk_of_the_database_blames_no_ticket(helpdesk, disk, note):
    story = helpdesk.fall_due(pick(60, 800), spread=pick(3, 15))
    with story.fault():
        with full(disk):
            helpdesk.play(pick(4, 18))
        helpdesk.until(helpdesk.postgres.answers, 60, "PostgreSQL's recovery")
    note(story.ends("no room on PostgreSQL's disk", within=60))
    assert helpdesk.ask("SELECT count(*) FROM escalation_floorvisit WHERE failures > 0 AND left_at IS NULL") == [(0,)]


def test_full_disk_refuses_a_file_in_words_and_keeps_nothing_of_it(helpdesk, disk, settings):
    settings.MEDIA_ROOT = media = disk / "media"
    media.mkdir(exist_ok=True)
    files = [SimpleUploadedFile(f"photo{n}.jpg", bytes([255, 216, 255]) * 300_000) for n in range(2)]
    with helpdesk.verbs():
        before = Ticket.objects.count()
        with full(disk):
            with (disk / "ballast").open("r+b") as ballast:
                ballast.truncate((disk / "ballast").stat().st_size - 1_500_000)  # room for the first file only
            answer = Client().post("/help/", FORM | {"files": files})
            assert answer.status_code == 422
            assert "no room" in answer.content.decode()
            assert FORM["body"] in answer.content.decode()
            assert Client().get("/help/").status_code == 200
        assert Ticket.objects.count() == before
        assert not [path for path in media.rglob("*") if path.is_file()]
        for file in files:
            file.seek(0)
        assert Client().post("/help/", FORM | {"files": files}).status_code == 302
        assert Attachment.objects.filter(message__ticket__number__gt=0).count() == 2
