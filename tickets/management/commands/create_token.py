"""`manage.py create_token EMAIL [--name N] [--may-sign]`: make a token for the REST API."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tickets.models import ApiToken, User


class Command(BaseCommand):
    help = "Make a token for the REST API and print it. It is printed once: only its hash is kept."

    def add_arguments(self, parser) -> None:
        parser.add_argument("email", help="whose rights the token has")
        parser.add_argument("--name", default="", help="what the token is for, as people will see it")
        parser.add_argument("--days", type=int, help="how many days it is valid; without it, until it is withdrawn")

        parser.add_argument("--may-sign", action="store_true", help="let it give signatures in their name")

    def handle(self, *args, email: str, name: str, days: int | None, may_sign: bool, **options) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"There is nobody with the address {email}.")
        if not user.is_active:
            raise CommandError(f"The account {user.email} is switched off.")
        if len(name) > 80:
            raise CommandError("A name has at most 80 characters.")
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("--days takes 1 to 3650.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        _row, secret = ApiToken.issue(user, name=name, may_sign=may_sign, expires_at=expires_at)
        self.stdout.write(secret)
        self.stderr.write(f"Acts as {user.email}. Keep it now; it cannot be shown again.")
