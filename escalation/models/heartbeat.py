"""When the clock was last looked at, and through which door."""

from django.db import models


class SweepHeartbeat(models.Model):
    """One row per door to the sweep. `/readyz` and the desk warn when the newest is too old."""

    door = models.CharField(max_length=20, primary_key=True)
    swept_at = models.DateTimeField()
    climbed = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.door} at {self.swept_at}"
