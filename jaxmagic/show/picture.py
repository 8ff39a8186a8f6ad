"""A picture: SVG that is shown as an image, with a sentence for those who can't see it."""

from dataclasses import dataclass
from pathlib import Path

from jaxmagic.show import Shown


@dataclass(frozen=True, repr=False)
class Picture(Shown):
    """An SVG text and what it shows in one sentence.

    In HTML it is an ``img`` with the picture inside: inline SVG and the MIME type
    ``image/svg+xml`` are dropped in notebooks that are not trusted, and the latter stops LaTeX
    export. A ``prefers-color-scheme`` rule inside makes it fit a dark page.
    """

    svg: str
    alt: str

    def save(self, path: str | Path) -> Path:
        """Write the SVG to ``path``, and return that.

        Raises:
            OSError: the file can't be written.
        """
        path = Path(path)
        path.write_text(self.svg, encoding="utf-8")
        return path


def theme_rule(svg: str) -> str:
    """``svg`` whose black parts, as matplotlib draws them, are light on a dark page.

    A page hands its colour scheme to an image that it shows. Not all do (JupyterLab 4.2 does
    not), so the picture brings the page that its ink can be read on. Other colours stay.
    """
    rule = (
        "<style>:root{--ink:#1f2328;--page:#fff;fill:var(--ink);background:var(--page)}"
        "@media(prefers-color-scheme:dark){:root{--ink:#e6e6e6;--page:#111}}</style>"
    )
    return svg.replace("#000000", "var(--ink)").replace("<defs>", f"{rule}<defs>", 1)
