"""Writing a ZIP whose every file is known by its SHA-256."""

import hashlib
import json
import zipfile
from collections.abc import Iterable

from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder

_CHUNK = 256 * 1024


class Archive:
    """Puts files into a folder of a ZIP and keeps the hash and size of everything it writes in `files`."""

    def __init__(self, archive: zipfile.ZipFile, folder: str):
        self.archive, self.folder, self.files = archive, folder, {}

    def lines(self, name: str, rows: Iterable[dict]) -> None:
        self.text(name, "".join(json_of(row, indent=None) + "\n" for row in rows))

    def text(self, name: str, text: str) -> None:
        raw = text.encode()
        self.archive.writestr(self.folder + name, raw)
        self.files[name] = {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}

    def copy(self, name: str, file: File) -> None:
        digest, size = hashlib.sha256(), 0
        with file.open("rb") as source, self.archive.open(self.folder + name, "w", force_zip64=True) as target:
            for chunk in iter(lambda: source.read(_CHUNK), b""):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.files[name] = {"sha256": digest.hexdigest(), "size": size}


def json_of(value, indent: int | None = 1) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, indent=indent)
