"""What each question is answered with: plain values that are shown as text, and kept as JSON."""

import json
from functools import cache
from typing import Any, Self

from jaxmagic.show import Shown


class Result(Shown):
    """A result whose fields are plain values, JSON both ways."""

    def to_json(self, *, indent: int | None = None) -> str:
        """All of it as JSON text, raw samples included; :meth:`from_json` reads it."""
        return json.dumps(self._converter().unstructure(self), indent=indent, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The result that :meth:`to_json` wrote."""
        made: Self = cls._converter().structure(json.loads(text), cls)
        return made

    @staticmethod
    def _converter() -> Any:
        """What turns the fields into values for JSON and back, a converter of cattrs."""
        return _usual_converter()


@cache  # it writes code for each type that it meets
def _usual_converter() -> Any:
    from cattrs.preconf.json import make_converter  # noqa: PLC0415  only needed here

    return make_converter()
