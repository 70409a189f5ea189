"""What a lint rule is, and how rules become findings."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import frozen

from datasurface.findings import Finding, Severity, SourceLine
from datasurface.model import Ecosystem, Element, walk


@frozen
class Problem:
    """What a rule has to say about one element; the element's path and line make it a finding.

    Attributes:
        message: what is wrong, in one sentence.
        hint: what to do about it.

    >>> from datasurface import GitRepository
    >>> Problem(GitRepository("acme/model"), "'acme/model' is archived", "name the repository that follows it").message
    "'acme/model' is archived"
    """

    element: Element
    message: str
    hint: str


_AFTER_ALL = chr(0x10FFFF)

Check = Callable[[Ecosystem], Iterable[Problem]]


@frozen
class Rule:
    """One rule.

    Attributes:
        code: its stable name: letters of who brings it, and a number of which the hundreds are the subject.
        title: the rule itself, as a short sentence.
        severity: whether its findings refuse the model.
        check: gives the problems of an ecosystem, whatever else may be wrong with it.

    >>> @rule("AC001", "A datastore is described")
    ... def described(ecosystem: Ecosystem) -> Iterator[Problem]:
    ...     '''A datastore without a description leaves its consumers guessing.'''
    ...     for store in ecosystem.datastores():
    ...         if not store.description:
    ...             yield Problem(store, f"datastore '{store.name}' has no description", "add description=...")
    >>> described.code, described.severity.value, described.documentation
    ('AC001', 'error', 'A datastore without a description leaves its consumers guessing.')
    """

    code: str
    title: str
    severity: Severity
    check: Check

    @property
    def documentation(self) -> str:
        """Why the rule is there and what to do, in Markdown: the docstring of its function."""
        return inspect.getdoc(self.check) or ""


def rule(code: str, title: str, severity: Severity = Severity.ERROR) -> Callable[[Check], Rule]:
    """Make a function a rule; the function's docstring is the rule's documentation."""

    def as_rule(check: Check) -> Rule:
        return Rule(code, title, severity, check)

    return as_rule


def lint(ecosystem: Ecosystem, rules: Sequence[Rule], more: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """The findings of all rules and ``more``, each once, by file, line and code, whatever the order of the rules and of
    what the model lists.

    What is written once and used in several places is wrong once: of findings that say the same of one line, the one
    whose path comes first stays.

    Never raises for a model, whatever is wrong with it: a rule that fails on it says so in a finding of its own code.
    """
    problems = [(rule, problem) for rule in rules for problem in _problems(rule, ecosystem)]
    paths = _first_paths(ecosystem, {id(problem.element) for _, problem in problems})
    found: dict[tuple[str, Severity, str, str, SourceLine | None, str], Finding] = {}
    for rule, problem in problems:
        path, source = paths.get(id(problem.element), ""), problem.element.source
        same = (rule.code, rule.severity, problem.message, problem.hint, source, "" if source else path)
        other = found.get(same)
        if other is None or path < other.path:
            found[same] = Finding(rule.code, rule.severity, path, problem.message, problem.hint, source)
    return tuple(sorted({*found.values(), *more}, key=_place_and_words))


def _first_paths(ecosystem: Ecosystem, wanted: set[int]) -> dict[int, str]:
    """The path of each object, by its id; of those that are used in several places the one that comes first in the
    alphabet, because the order of lists says nothing."""
    paths: dict[int, str] = {}
    for path, element in walk(ecosystem) if wanted else ():
        identity = id(element)
        if identity in wanted and path < paths.get(identity, _AFTER_ALL):
            paths[identity] = path
    return paths


def _problems(rule: Rule, ecosystem: Ecosystem) -> Iterator[Problem]:
    try:
        yield from rule.check(ecosystem)
    except Exception as error:  # a plugin's rule must not take the other findings away
        yield Problem(
            ecosystem,
            f"the rule '{rule.title}' failed on this model: {type(error).__name__}: {error}",
            "tell who wrote the rule",
        )


def _place_and_words(finding: Finding) -> tuple[SourceLine, str, str, str, str]:
    source = finding.source or SourceLine("", 0)
    return source, finding.code, finding.path, finding.message, finding.hint
