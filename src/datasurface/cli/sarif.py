"""Findings as SARIF 2.1.0, the format of results of static analysis that code hosts and editors read."""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from urllib.parse import quote

from datasurface.findings import Finding
from datasurface.lint.registry import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(findings: Sequence[Finding], rules: Iterable[Rule], version: str) -> dict[str, object]:
    """The findings as a SARIF log of one run.

    The rules that found something are described in it; the loader's findings have none. A result is recognised by its
    rule, its path in the model and what it says, so that it stays the same when lines move.

    Args:
        findings: with files as whoever reads the log finds them, relative to the root of the repository.
        rules: all that were asked.
        version: DataSurface's.
    """
    by_code = {rule.code: rule for rule in rules}
    codes = sorted({finding.code for finding in findings})
    indices = {code: index for index, code in enumerate(codes)}
    driver = {
        "name": "DataSurface",
        "version": version,
        "rules": [_rule(code, by_code.get(code)) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, indices) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, rule: Rule | None) -> dict[str, object]:
    if rule is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.documentation or rule.title},
        "help": {"text": rule.documentation or rule.title, "markdown": rule.documentation or rule.title},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(finding: Finding, indices: Mapping[str, int]) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": indices[finding.code],
        "level": finding.severity.value,
        "message": {"text": _plain(f"{finding.message}\nhint: {finding.hint}")},
        "partialFingerprints": {"modelPath/v1": _fingerprint(finding)},
    }
    location: dict[str, object] = {}
    if finding.source is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(finding.source.file)},
            "region": {"startLine": max(finding.source.line, 1)},
        }
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.path, "kind": "object"}]
    if location:
        result["locations"] = [location]
    return result


def _plain(text: str) -> str:
    """A message that shows a text as it is: without placeholders (SARIF 3.11.5), and without links: where
    ``[text](target)`` could be read as one, brackets and backslashes are escaped (3.11.6)."""
    text = text.replace("{", "{{").replace("}", "}}")
    return re.sub(r"([\[\]\\])", r"\\\1", text) if "](" in text else text


def _fingerprint(finding: Finding) -> str:
    return sha256("\n".join((finding.code, finding.path, finding.message)).encode()).hexdigest()
