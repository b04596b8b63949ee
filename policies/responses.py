"""What is promised to customers about answers (P1.2)."""

from datetime import datetime

from policies.models import ResponseTime
from tickets.models import Channel


def promise(channel: Channel | None, at: datetime | None = None) -> ResponseTime:
    """Return the promise in force for CHANNEL, or the one for all channels when it has none of its own."""
    rows = {row.channel_id: row for row in ResponseTime.objects.in_force(at)}
    return rows.get(channel.pk if channel else None) or rows[None]
