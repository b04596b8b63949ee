"""Where files are kept: whole or not at all."""

from contextlib import suppress

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    """Files on this machine's disk. One that could not be written to its end is removed again, for it has no row."""

    def _save(self, name: str, content: File) -> str:
        try:
            return super()._save(name, content)
        except OSError:
            with suppress(FileNotFoundError):
                self.delete(name)
            raise
