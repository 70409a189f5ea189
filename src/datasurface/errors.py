"""The errors of DataSurface.

DataSurfaceError                 anything a person can act on; ``message`` says what and where, ``hint`` what to do
├── ModelValueError              a model object that can never be right (also a ValueError)
├── ModelRefused                 the model has findings of severity error; carries them
├── UsageError                   the command's words are off (exit code 64)
├── MissingExtra                 a feature whose optional dependency is not installed
├── MissingCredential            no place knows the credential's user and password
├── EnvironmentFileError         the environment file does not fit its format or the model
├── CheckoutError                a model repository or revision that git cannot give
│   └── NoSuchRevision           git was asked, and has no such revision
├── BaseRefused                  the model that a plan begins with cannot be loaded
├── ApplyRefused                 what is in the store does not allow this deployment
│   ├── ChangeRefused            the model in force may not become this one; carries why
│   └── CommitRefused            the commit does not come after the one in force
├── PushRefused                  what was pushed is nothing that could be applied
├── CatalogueRefused             tables of ours are of another version than this program
├── AccessUnchecked              a role that was to be checked cannot be assumed, or cannot read
├── NotApplied                   nothing in force for what was asked
└── JobError                     one batch of one stream could not be done; state unchanged
    ├── StoreUnavailable         the merge database cannot be reached or gave up
    ├── SourceUnavailable        the producer cannot be reached, gave up or refused access
    ├── SourceDrift              the source's tables are not what the model says
    ├── RefusedData              the snapshot breaks a rule of its dataset
    ├── StreamBusy               another job runs this stream
    ├── Fenced                   a later job took this stream over
    ├── ReceiptMismatch          the merge table is not what the source sent
    ├── TransformFailed          the code of a transformer failed, or made what its datasets may not hold
    ├── OperationRefused         what an operator asked of the batches is not possible as they stand
    ├── BatchStuck               the batch needs an operator: it cannot heal by another read
    ├── DataLate                 data are older than their consumers accept
    ├── LawBroken                a law does not hold on the real tables
    └── ViewsWrong               views could not be made as they should be
"""

from collections.abc import Sequence

from datasurface.findings import Finding


class DataSurfaceError(Exception):
    """What happened and where (``message``), and what to do (``hint``)."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ModelValueError(DataSurfaceError, ValueError):
    """A model object was built from a value that can never be right."""


class ModelRefused(DataSurfaceError):
    """The model has errors; ``findings`` lists every finding, warnings too."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = sum(finding.is_error for finding in findings)
        super().__init__(f"the model has {errors} error{'' if errors == 1 else 's'}", hint="run `datasurface validate`")
        self.findings = tuple(findings)


class UsageError(DataSurfaceError):
    """The command was called with words that do not fit together."""


class MissingExtra(DataSurfaceError):
    """A feature was used whose optional dependency is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs the extra '{extra}'", hint=f"pip install 'datasurface[{extra}]'")


class MissingCredential(DataSurfaceError):
    """No credential store knows this name."""


class EnvironmentFileError(DataSurfaceError):
    """The environment file has a wrong form, or binds something that the model does not have."""


class CheckoutError(DataSurfaceError):
    """Git could not give the model repository or the revision."""


class NoSuchRevision(CheckoutError):
    """Git was asked, and the repository has no revision of that name; or there is no repository."""


class BaseRefused(DataSurfaceError):
    """The model that a plan begins with cannot be loaded; the new one may be well."""


class ApplyRefused(DataSurfaceError):
    """What stands in the store does not allow this deployment; nothing was changed."""


class ChangeRefused(ApplyRefused):
    """The model in force may not become this one. ``refusals`` says why: what is wrong, and what to do, change by
    change."""

    def __init__(self, refusals: Sequence[tuple[str, str]]) -> None:
        count = f"{len(refusals)} change{'' if len(refusals) == 1 else 's'}"
        super().__init__(
            f"the model in force stays: {count} refused", hint="`datasurface plan` shows every change, and whose it is"
        )
        self.refusals = tuple(refusals)


class CommitRefused(ApplyRefused):
    """The commit to apply does not come after the one that the generation in force was made of.

    ``is_older``: it is one of those that came before; what it holds was in force already.
    """

    def __init__(self, message: str, *, hint: str, is_older: bool) -> None:
        super().__init__(message, hint=hint)
        self.is_older = is_older


class PushRefused(DataSurfaceError):
    """What was pushed to the branch that is applied is nothing that could be: its deletion, or a model of another
    branch."""


class CatalogueRefused(DataSurfaceError):
    """Tables of ours are of a later version than this program, or of an earlier one that ``apply`` has to bring forward
    first; nothing was done."""


class AccessUnchecked(DataSurfaceError):
    """A role that was to be checked cannot be assumed, or has no way to what it is to read."""


class NotApplied(DataSurfaceError):
    """The control database holds no generation, or none with this platform or stream."""


class JobError(DataSurfaceError):
    """One batch of one stream could not be done. ``dataset`` names the dataset where there is one."""

    def __init__(self, message: str, *, hint: str | None = None, dataset: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.dataset = dataset


class StoreUnavailable(JobError):
    """The merge database cannot be reached, or ended the connection."""


class SourceUnavailable(JobError):
    """The producer cannot be reached, refused access, or ended the read before it was complete."""


class SourceDrift(JobError):
    """The source's tables do not have the columns, types or lengths that the model says."""


class RefusedData(JobError):
    """The snapshot breaks a rule of its dataset: duplicate or NULL keys, too many deletes."""


class StreamBusy(JobError):
    """Another job holds the stream; this one touched nothing."""


class Fenced(JobError):
    """A later job took the stream over; this one may not write any more."""


class ReceiptMismatch(JobError):
    """Count or fingerprint of the merged rows differ from what the source sent; nothing was committed."""


class OperationRefused(JobError):
    """A rollback, replay or erasure that is not possible as the stream's batches stand; nothing was changed."""


class BatchStuck(JobError):
    """The batch is FAILED, or was read under another schema: reset it, or apply the model it was read under."""


class DataLate(JobError):
    """The data of a stream are older than its consumers accept."""


class LawBroken(JobError):
    """A law does not hold on real tables."""


class ViewsWrong(JobError):
    """Views of consumers are not as they should be, and could not be made so."""


class TransformFailed(JobError):
    """The code of a transformer raised an error, ended, or made rows that its datasets may not hold; what it made
    before stands."""
