"""A base for runtimes of platforms that do not everything."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from attrs import frozen

from datasurface.access import AccessReport
from datasurface.deployment import Deployment
from datasurface.erasure import Erasure, Key, Pruning
from datasurface.errors import OperationRefused
from datasurface.observing import Observatory
from datasurface.results import BatchState, CopiedRows, JobFailure, Preview, ResultCode, Step, TransformResult
from datasurface.runtime import Generation, OpenCode
from datasurface.unused import UnusedDataset


@frozen
class MinimalRuntime:
    """Refuses whatever of ``PlatformRuntime`` a platform can be without, each with what it is that it does not do. A
    subclass has to bring the rest, and brings as much more as its platform can.

    Attributes:
        generation: the one in force; None while apply prepares the next.
    """

    deployment: Deployment
    generation: Generation | None

    def preview_reset(self, stream: str) -> Preview:
        """Refused."""
        raise self._refused("gives up what a batch has staged")

    def reset(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        """Refused."""
        raise self._refused("gives up what a batch has staged")

    def preview_repair(self, stream: str) -> Preview:
        """Refused."""
        raise self._refused("repairs merge tables")

    def repair(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        """Refused."""
        raise self._refused("repairs merge tables")

    def preview_rollback(self, stream: str, to: int) -> Preview:
        """Refused."""
        raise self._refused("takes batches back")

    def rollback(self, stream: str, to: int, *, seen: Preview | None = None) -> Sequence[BatchState]:
        """Refused."""
        raise self._refused("takes batches back")

    def preview_replay(self, stream: str, *, up_to: int | None = None) -> Preview:
        """Refused."""
        raise self._refused("merges batches again")

    def replay(self, stream: str, *, up_to: int | None = None, seen: Preview | None = None) -> Sequence[BatchState]:
        """Refused."""
        raise self._refused("merges batches again")

    def preview_forget(
        self, stream: str, dataset: str, keys: Sequence[Key], *, even_if_at_source: bool = False
    ) -> Erasure:
        """Refused."""
        raise self._refused("erases keys")

    def forget(
        self,
        stream: str,
        dataset: str,
        keys: Sequence[Key],
        *,
        even_if_at_source: bool = False,
        seen: Erasure | None = None,
    ) -> Erasure:
        """Refused."""
        raise self._refused("erases keys")

    def vacuum(self, stream: str, dataset: str) -> Sequence[str]:
        """Refused."""
        raise self._refused("erases keys")

    def preview_retention(self, stream: str) -> Sequence[Pruning]:
        """Nothing is too old."""
        return ()

    def prune_history(self, stream: str, *, seen: Sequence[Pruning] | None = None) -> Sequence[Pruning]:
        """Nothing is too old."""
        return ()

    def observe(self) -> AbstractContextManager[Observatory]:
        """Refused."""
        raise self._refused("tells of its own work")

    def refresh_copies(self, workspace: str, group: str, *, whole: bool = False) -> Sequence[CopiedRows]:
        """Refused."""
        self.deployment.copied_group(workspace, group)
        raise self._refused("copies groups to other databases")

    def transform(self, name: str, run_id: str, code: OpenCode) -> TransformResult:
        """Refused, as a result."""
        transformer, error = self.deployment.transformer(name), self._refused("runs transformers")
        return TransformResult(
            self.deployment.platform.name,
            transformer.name,
            run_id,
            ResultCode.ERROR,
            way="",
            generation=self.generation.number if self.generation else 0,
            commit=self.generation.commit if self.generation else None,
            code_commit=transformer.commit,
            inputs={},
            outputs={},
            seconds=0.0,
            error=JobFailure(type(error).__name__, error.message, None, error.hint),
        )

    def unused(self, *, count: bool = False) -> Sequence[UnusedDataset]:
        """None that it knows of."""
        return ()

    def drop_unused(self, seen: Sequence[UnusedDataset], *, dry_run: bool = False) -> Sequence[Step]:
        """Nothing is dropped."""
        return ()

    def check_access(self, credential: str | None = None) -> Sequence[AccessReport]:
        """Refused."""
        raise self._refused("keeps roles that could be tried")

    def _refused(self, what: str) -> OperationRefused:
        platform = self.deployment.platform
        return OperationRefused(
            f"platform {platform.name} is a {type(platform).__name__}, which never {what}",
            hint="assign the group to a platform that does",
        )
