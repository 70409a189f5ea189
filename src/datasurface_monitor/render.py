"""Templates: every value that they put out is escaped, and shown without what no reader sees."""

from collections.abc import Mapping
from importlib.metadata import version

from attrs import field, frozen
from jinja2 import Environment, PackageLoader, StrictUndefined

from datasurface.drawing.parts import visible
from datasurface_monitor import wording


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("datasurface_monitor"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=wording.shown,
        auto_reload=False,
    )
    for word in (wording.span, wording.seconds, wording.number, wording.moment, wording.link):
        environment.globals[word.__name__] = word
    environment.globals["version"] = version("datasurface")
    environment.filters["exact"] = visible  # a line break of a value is a part of it
    return environment


@frozen
class Renderer:
    """Pages from what they show."""

    _environment: Environment = field(factory=_environment)

    def page(self, template: str, page: object, section: str, more: Mapping[str, object]) -> str:
        """A page.

        Args:
            page: what it shows, as a view made it.
            section: the entry of the navigation that it belongs to.
            more: ``ecosystem`` and ``generation`` of what is in force, or None; and what the template needs else.
        """
        return self._environment.get_template(f"{template}.html.j2").render(page=page, section=section, **more)
