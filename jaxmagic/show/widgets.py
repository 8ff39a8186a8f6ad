"""Whether there can be widgets: ipywidgets is optional."""

_HOW = 'Install it with pip install "jaxmagic[interactive]".'


class MissingWidgetsError(ImportError):
    """ipywidgets is not installed, or too old; the message says how to get it."""


def need_widgets() -> None:
    """Do nothing if there can be widgets.

    Raises:
        MissingWidgetsError: ipywidgets 8 is not installed.
    """
    try:
        import ipywidgets  # type: ignore[import-untyped]  # noqa: PLC0415  it is optional
    except ImportError:
        message = f"The explorer needs ipywidgets. {_HOW}"
        raise MissingWidgetsError(message) from None
    if int(ipywidgets.__version__.split(".")[0]) < 8:  # noqa: PLR2004  the first with its style
        message = f"The explorer needs ipywidgets 8, and this is {ipywidgets.__version__}. {_HOW}"
        raise MissingWidgetsError(message)
