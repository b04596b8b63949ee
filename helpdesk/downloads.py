"""Sending stored files so that a browser saves them and never runs them in our origin."""

from django.http import FileResponse
from django.utils.http import content_disposition_header

from escalation.models import Evidence
from tickets.models import Attachment


def download(attachment: Attachment | Evidence) -> FileResponse:
    """Stream ATTACHMENT; the caller has checked that this reader may see its message.

    Whatever type the sender claimed, it is sent as bytes to save, under a policy in which nothing can load or run.
    """
    response = FileResponse(attachment.file.open("rb"), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, attachment.name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
