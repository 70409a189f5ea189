"""A plan as Markdown, for a comment on a pull request.

Whatever comes from the model stands in code, inline or fenced, where Markdown has no meaning: a name there is no link,
no HTML, and calls nobody.
"""

import re
from collections.abc import Iterable

from datasurface.change.lines import Line, Look, details, head, refused
from datasurface.change.plan import Outcome, Plan
from datasurface.change.wording import counted, printable

_SIGNS = {Outcome.EMPTY: "⚪", Outcome.CHANGES: "🟢", Outcome.REFUSED: "🔴"}
_LIMIT = 60_000
"""Characters: a comment on GitHub may have 65,536."""


def as_markdown(plan: Plan) -> str:
    """A head of a few lines, what is refused, and the rest folded away; cut where a comment would be too long."""
    verdict, *figures = head(plan)
    parts = [f"### {_SIGNS[plan.outcome]} Plan: {plan.outcome.value}", code(verdict.text), *(it.text for it in figures)]
    if plan.refusals:
        parts.append(_fenced(list(refused(plan))[1:], _LIMIT // 2))
    if not plan.is_empty:
        left = _LIMIT - sum(map(len, parts))
        summary = f"<summary>{counted(len(plan.changes), 'change')}</summary>"
        parts.append(f"<details>\n{summary}\n\n{_fenced(list(details(plan))[1:], left)}\n\n</details>")
    return "\n\n".join(parts) + "\n"


def code(text: str) -> str:
    """The text as inline code, whatever is in it."""
    text = printable(text)
    fence = "`" * (_longest_run(text) + 1)
    padding = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _fenced(lines: Iterable[Line], most: int) -> str:
    """Lines as a block that GitHub colours as a diff: it knows ``!`` for what changed."""
    kept: list[str] = []
    for line in lines:
        text = _as_diff(line)
        most -= len(text) + 1
        if most < 0:
            kept.append("… and more: `datasurface plan` shows all")
            break
        kept.append(text)
    text = "\n".join(kept)
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}diff\n{text}\n{fence}"


def _as_diff(line: Line) -> str:
    """A line whose first character says how it is coloured."""
    match line.look:
        case Look.ADDED | Look.REMOVED:
            return line.text.lstrip()
        case Look.CHANGED:
            return line.text.lstrip().replace("~", "!", 1)
        case Look.REFUSED:
            return f"- {line.text.lstrip()}"
        case Look.OBJECT:
            return f"@@ {line.text} @@"
    return line.text


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
