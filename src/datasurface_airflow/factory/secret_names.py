"""What a credential's secret is called in a cluster: in pods that Airflow starts, and in manifests."""

import re
from hashlib import blake2b


def secret_name(credential: str) -> str:
    """The Kubernetes secret of a credential: its name, where a secret may have it."""
    plain = re.sub(r"[^a-z0-9.-]", "-", credential.lower()).strip("-.")
    if plain == credential:
        return plain
    return f"{plain or 'credential'}-{blake2b(credential.encode(), digest_size=4).hexdigest()}"
