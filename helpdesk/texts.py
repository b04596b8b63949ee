"""Turn written text into safe HTML for the pages."""

import nh3
from markdown_it import MarkdownIt

MARKDOWN_LIMIT = 20_000
"""Characters beyond which a text is shown as it was written; the sanitiser's time grows with the square of nesting."""

_NESTING = 12
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": _NESTING}).enable(
    ["linkify", "table", "strikethrough"]
)
_parser.disable(["image"])


def markdown(text: str, top: int = 3) -> str | None:
    """Return TEXT (Markdown, HTML in it shown literally) as safe HTML, or None when it is too long to be parsed.

    Its headings begin at level TOP: those of a message do not compete with those of the page.
    """
    if len(text) > MARKDOWN_LIMIT:
        return None
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{top}" if token.tag in {"h1", "h2"} else f"h{top + 1}"
    return nh3.clean(
        _parser.renderer.render(tokens, _parser.options, {}),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
