"""Make the files in secrets/ that docker-compose.yml hands to the containers; run by `make secrets`.

Each value is random and made once; existing files are kept. Only the standard library is needed.
"""

import os
import secrets
import sys
from pathlib import Path

DIRECTORY = Path(__file__).resolve().parent.parent / "secrets"


def main(directory: Path) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    app, owner, valkey = (_keep(directory / name) for name in ("app_password", "owner_password", "valkey_password"))
    _keep(directory / "postgres_password")
    _keep(directory / "secret_key")
    _keep(directory / "database_url", f"postgres://helpdesk:{app}@postgres:5432/helpdesk")
    _keep(directory / "migrations_database_url", f"postgres://helpdesk_owner:{owner}@postgres:5432/helpdesk")
    _keep(directory / "redis_url", f"redis://:{valkey}@valkey:6379/0")
    print(f"The secrets are in {directory}. Keep them out of backups that others read.")


def _keep(path: Path, value: str | None = None) -> str:
    """Return the content of PATH, writing VALUE or a random text when the file is missing."""
    if not path.exists():
        # Compose mounts the files with their own owner and mode, so the containers' users must be able to read them;
        # the directory, which is not mounted, keeps everybody else on this machine out.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
            file.write(value or secrets.token_urlsafe(48))
        path.chmod(0o444)
    return path.read_text()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DIRECTORY)
