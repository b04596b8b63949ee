"""Turn written text into safe HTML for the pages."""

import nh3
from markdown_it import MarkdownIt

MARKDOWN_LIMIT = 20_000
"""Characters beyond which a text is shown as it was written; the sanitiser's time grows with the square of nesting."""

_NESTING = 12
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": _NESTING}).enable(
    ["linkify", "table", "strikethrough"]
)
_parser.disable(["image"])


def markdown(text: str) -> str | None:
    """Return TEXT (Markdown, HTML in it shown literally) as safe HTML, or None when it is too long to be parsed."""
    if len(text) > MARKDOWN_LIMIT:
        return None
    # Headings of a message must not compete with those of the page: h1 and h2 become h3 and h4.
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h3" if token.tag in {"h1", "h2"} else "h4"
    return nh3.clean(
        _parser.renderer.render(tokens, _parser.options, {}),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
