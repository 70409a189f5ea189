"""Every name that Yellow gives to something in a database: one function per name.

Names are lower case. PostgreSQL cuts identifiers at 63 bytes, so a longer name is shortened here and gets a hash of its
full form before
the suffix: what stands in the catalogue is what stands here.
"""

from hashlib import blake2b

LIMIT = 63

KEY_HASH = "ds_surf_key_hash"
ALL_HASH = "ds_surf_all_hash"
BATCH_IN = "ds_surf_batch_in"
BATCH_OUT = "ds_surf_batch_out"
OPERATION = "ds_surf_operation"
BATCH = "ds_surf_batch"
TOKEN = "ds_surf_token"  # noqa: S105 a column's name
LIVE = 2147483647
"""``ds_surf_batch_out`` of a row that is live."""

GENERATION_TABLE = "datasurface_generation"
CONTROL_TABLE = "datasurface_control"
"""The version of the tables of the control database. No table of a platform ends so, whatever its name."""


def fit(stem: str, suffix: str = "") -> str:
    """``stem_suffix`` in lower case, at most 63 bytes; a longer stem is cut and given a hash of the whole name."""
    ending = f"_{suffix}" if suffix else ""
    name = f"{stem}{ending}".lower()
    if len(name.encode()) <= LIMIT:
        return name
    ending = f"_{blake2b(name.encode(), digest_size=4).hexdigest()}{ending}"
    return stem.lower().encode()[: LIMIT - len(ending)].decode(errors="ignore") + ending


def _dataset(platform: str, store: str, dataset: str) -> str:
    return f"{platform}_{store}_{dataset}"


def merge_table(platform: str, store: str, dataset: str) -> str:
    """What consumers read; for FORENSIC the partitioned parent."""
    return fit(_dataset(platform, store, dataset), "merge")


def live_partition(platform: str, store: str, dataset: str) -> str:
    """The live rows of a forensic merge table."""
    return fit(_dataset(platform, store, dataset), "merge_live")


def history_partition(platform: str, store: str, dataset: str) -> str:
    """The closed versions of a forensic merge table."""
    return fit(_dataset(platform, store, dataset), "merge_history")


def key_index(platform: str, store: str, dataset: str) -> str:
    """The unique index on the key of the live rows."""
    return fit(_dataset(platform, store, dataset), "merge_key")


def history_index(platform: str, store: str, dataset: str) -> str:
    """The index on key and batch of the closed versions."""
    return fit(_dataset(platform, store, dataset), "merge_history_key")


def staging_table(platform: str, store: str, dataset: str) -> str:
    """What batches found to have changed."""
    return fit(_dataset(platform, store, dataset), "staging")


def catalog(platform: str) -> str:
    """The version of the platform's own tables."""
    return fit(platform, "catalog")


def batch_counter(platform: str) -> str:
    """Current batch and fencing token of each stream."""
    return fit(platform, "batch_counter")


def batch_metrics(platform: str) -> str:
    """One row per stream and batch."""
    return fit(platform, "batch_metrics")


def layout(platform: str) -> str:
    """How the rows of each merge table are hashed and stored."""
    return fit(platform, "layout")


def mask_keys(platform: str) -> str:
    """The keys of the hashes that views show."""
    return fit(platform, "mask_keys")


def owner(platform: str) -> str:
    """Whose rows each merge table holds."""
    return fit(platform, "owner")


def job_result(platform: str) -> str:
    """One row per stream and run id: the result record."""
    return fit(platform, "job_result")


def erasure(platform: str) -> str:
    """One row for each time that something was erased."""
    return fit(platform, "erasure")


def horizon(platform: str) -> str:
    """The oldest batch that each dataset can still answer for, where history was pruned."""
    return fit(platform, "horizon")


def configuration(platform: str) -> str:
    """One JSON row per stream in force; DAG files and jobs read it."""
    return fit(platform, "airflow_dsg")


def workspace_schema(workspace: str) -> str:
    """The schema of a workspace's views."""
    return fit(workspace)


def remote_schema(workspace: str) -> str:
    """In a consumer database: what stands for the views in the merge database, where consumers do not look."""
    return fit(workspace, "remote")


def copied_schema(workspace: str) -> str:
    """In a consumer database: the copies that its views read, where consumers do not look."""
    return fit(workspace, "copied")


def copies(platform: str) -> str:
    """In a consumer database: what the copies of a platform are of, beside them."""
    return fit(platform, "copies")


def foreign_server(platform: str, workspace: str) -> str:
    """In a consumer database: the merge database of a platform, as one workspace reads it."""
    return fit(f"{platform}_{workspace}", "server")


def consumer_databases(platform: str) -> str:
    """The databases of consumers in which a platform has something."""
    return fit(platform, "consumer_database")


def reader_role(workspace: str) -> str:
    """The role that may read a workspace's views and nothing else."""
    return fit(workspace, "reader")


def consumers_name(platform: str, workspace: str, group: str, dataset: str, ending: str) -> str:
    """What one group reads one dataset by: the view or function with this ending, such as ``view`` or ``changes``."""
    return fit(f"{platform}_{workspace}_{group}_{dataset}", ending)


def transform_schema(store: str) -> str:
    """In the database of a datastore that a transformer makes: its state, and what it writes while it runs."""
    return fit(store, "transform")


TRANSFORM_STATE = "state"
"""In that schema: which run was the last good one, and of what."""


def run_table(token: int, number: int) -> str:
    """In that schema: what one run writes for one dataset."""
    return f"run_{token}_{number}"
