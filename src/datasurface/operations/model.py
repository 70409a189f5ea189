"""A model, loaded, bound to its environment and checked."""

from attrs import asdict, frozen

from datasurface.collector import rare_collection
from datasurface.deployment import Deployment
from datasurface.environment import Environment
from datasurface.errors import CheckoutError, ModelRefused
from datasurface.findings import Finding
from datasurface.graph import deployments
from datasurface.lint.registry import lint
from datasurface.lint.rules import RULES
from datasurface.loader import TIMEOUT, Isolation, load
from datasurface.loading.pieces import Shared
from datasurface.loading.users_files import ECO_FILE
from datasurface.model import Ecosystem
from datasurface.operations.checkout import ModelSource, Repository, model_folder
from datasurface.plugins.manager import Plugins


@frozen
class Validation:
    """What there is to say about a model.

    Attributes:
        ecosystem: bound to its environment; None where the model does not even load.
        written: the same as its owners wrote it, bound to nothing.
        commit: the one that it was checked out at; None for a folder.
        printed: the beginning of what the model's own code printed.
        isolation: what that code was shut off from; None where none ran.
    """

    ecosystem: Ecosystem | None
    written: Ecosystem | None
    findings: tuple[Finding, ...]
    commit: str | None
    printed: str
    isolation: Isolation | None

    @property
    def errors(self) -> int:
        """The number of findings that refuse the model."""
        return sum(finding.is_error for finding in self.findings)

    @property
    def warnings(self) -> int:
        """The number of findings that do not."""
        return len(self.findings) - self.errors

    def document(self) -> dict[str, object]:
        """The findings as plain JSON values."""
        return {
            "findings": [finding.document() for finding in self.findings],
            "errors": self.errors,
            "warnings": self.warnings,
            "isolation": asdict(self.isolation) if self.isolation else None,
        }


@frozen
class CheckedModel:
    """A model without errors, bound to its environment, with what each platform has to provide for it.

    ``written`` is the model as its owners wrote it, bound to nothing: what is compared with the model in force.
    """

    ecosystem: Ecosystem
    written: Ecosystem
    deployments: tuple[Deployment, ...]
    findings: tuple[Finding, ...]
    commit: str | None


def validate(
    source: ModelSource,
    plugins: Plugins,
    environment: Environment,
    *,
    seconds: float | None = None,
    gives: Shared | None = None,
) -> Validation:
    """Load, bind and check a model; everything that is wrong with it is a finding.

    ``seconds`` is how long the model's own code may run; None for the loader's limit. ``gives`` as in ``load``.

    Raises:
        EnvironmentFileError: the environment binds what the model does not have.
        CheckoutError: git cannot give the model, or its repository holds none.
    """
    with model_folder(source) as folder:
        if isinstance(source, Repository) and not (folder.path / ECO_FILE).is_file():
            raise CheckoutError(
                f"repository {source.shown} has no {ECO_FILE} at revision '{source.revision}'",
                hint="the model stands at the top of its repository",
            )
        loaded = load(
            folder.path,
            plugins.platform_classes(),
            containers=plugins.container_classes(),
            timeout=seconds or TIMEOUT,
            gives=gives,
        )
    if loaded.ecosystem is None:
        return Validation(None, None, loaded.findings, folder.commit, loaded.output, loaded.isolation)
    with rare_collection():
        ecosystem = environment.bind(loaded.ecosystem)
        findings = lint(ecosystem, (*RULES, *plugins.rules()))
        if not any(finding.is_error for finding in findings):
            # Platforms look at the work that they would get, which a model whose references are broken does not have.
            findings = lint(ecosystem, (), more=(*findings, *plugins.findings(ecosystem)))
    return Validation(
        ecosystem, loaded.ecosystem, (*loaded.findings, *findings), folder.commit, loaded.output, loaded.isolation
    )


def check(
    source: ModelSource,
    plugins: Plugins,
    environment: Environment,
    *,
    seconds: float | None = None,
    gives: Shared | None = None,
) -> CheckedModel:
    """The model with its deployments; ModelRefused where it has errors. Else as ``validate``."""
    validation = validate(source, plugins, environment, seconds=seconds, gives=gives)
    ecosystem, written = validation.ecosystem, validation.written
    if ecosystem is None or written is None or validation.errors:
        raise ModelRefused(validation.findings)
    return CheckedModel(ecosystem, written, deployments(ecosystem), validation.findings, validation.commit)
