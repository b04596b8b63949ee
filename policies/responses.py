"""What is promised to customers about answers (P1.2)."""

from datetime import datetime

from policies.models import ResponseTime
from tickets.models import Channel


def promise(channel: Channel | None, at: datetime | None = None) -> ResponseTime:
    """Return the promise in force for CHANNEL, or the one for all channels when it has none of its own."""
    rows = {row.channel_id: row for row in ResponseTime.objects.in_force(at)}
    return rows.get(channel.pk if channel else None) or rows[None]


def guide(at: datetime | None = None) -> list[tuple[Channel, ResponseTime]]:
    """Return every channel with the promise in force for it: the published response-time guide (P1.2)."""
    rows = {row.channel_id: row for row in ResponseTime.objects.in_force(at)}
    return [(channel, rows.get(channel.pk) or rows[None]) for channel in Channel.objects.order_by("name")]
