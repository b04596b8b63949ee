"""Static files as browsers get them: our own scripts and style sheets lose their comments and spaces when collected."""

from django.core.files.base import ContentFile
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

MINIFIERS = {".css": cssmin, ".js": jsmin}


def minified(name: str, text: str) -> str:
    """Return the TEXT of the static file NAME as it is delivered; what packages bring (in folders) stays as it is."""
    minify = MINIFIERS.get(name[name.rfind(".") :])
    return text if minify is None or "/" in name else minify(text)


class MinifiedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Names with a digest and compressed twins by WhiteNoise; smaller sources by rjsmin and rcssmin."""

    def _save(self, name, content):
        if "/" not in name and name.endswith(tuple(MINIFIERS)):
            content.seek(0)  # the digest of the name was counted from it before
            content = ContentFile(minified(name, content.read().decode()).encode())
        return super()._save(name, content)
