"""Static files as browsers get them: our own scripts and style sheets lose their comments and spaces when collected."""

import re

from django.core.files.base import ContentFile
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Within @layer the minifier takes the space of `a :is(b)` away, which then means something else; `a *:is(b)` stays.
_DESCENDANT = re.compile(r"(?<=[\w\])]) (::?)(?=[a-z])")
MINIFIERS = {".css": cssmin, ".js": jsmin}


def minified(name: str, text: str) -> str:
    """Return the TEXT of the static file NAME as it is delivered; what packages bring (in folders) stays as it is."""
    minify = MINIFIERS.get(name[name.rfind(".") :])
    if minify is None or "/" in name:
        return text
    return minify(_DESCENDANT.sub(r" *\1", text) if minify is cssmin else text)


class MinifiedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Names with a digest and compressed twins by WhiteNoise; smaller sources by rjsmin and rcssmin."""

    def _save(self, name, content):
        if "/" not in name and name.endswith(tuple(MINIFIERS)):
            content.seek(0)  # the digest of the name was counted from it before
            content = ContentFile(minified(name, content.read().decode()).encode())
        return super()._save(name, content)
