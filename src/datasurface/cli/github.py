"""Findings as GitHub workflow commands: annotations at the lines of a pull request."""

from datasurface.findings import Finding

_IN_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def annotation(finding: Finding) -> str:
    """The workflow command for a finding: ``::error file=eco.py,line=7,title=DS101::what is wrong``.

    The text goes on with the place in the model and the hint, each on a line of its own.
    """
    properties = [("title", finding.code)]
    if finding.source is not None:
        properties = [("file", finding.source.file), ("line", str(finding.source.line)), *properties]
    words = ",".join(f"{name}={value.translate(_IN_PROPERTY)}" for name, value in properties)
    lines = [finding.message, *([f"in {finding.path}"] if finding.path else []), f"hint: {finding.hint}"]
    text = "\n".join(lines).translate(_IN_TEXT)
    return f"::{finding.severity.value} {words}::{text}"


def without_commands(text: str, token: str) -> str:
    """Text of somebody else for the log of a workflow, in which nothing is taken as a command.

    ``token`` is a word that the text cannot know.
    """
    return f"::stop-commands::{token}\n{text}\n::{token}::"
