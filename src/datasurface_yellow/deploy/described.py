"""What the comment of a view says of what it shows, for those who may read the view and not the model."""

import json

from datasurface_yellow.deploy.wanted import Kind, View


def described(view: View) -> str:
    """One line of JSON, the second of the comment of a view of live rows; nothing for what stands beside that.

    It is ASCII, so that databases of every encoding give it one digest, and it has no column that the view does not.
    """
    if view.kind is not Kind.LIVE:
        return ""
    dataset, (platform, workspace, group, name) = view.table.dataset, view.names
    columns = {column.name: column for column in dataset.columns}
    seen = [column.source for column in view.table.columns if column.source in view.seen]
    document = {
        "format": 1,
        "platform": platform,
        "workspace": workspace,
        "group": group,
        "name": name,
        "dataset": f"{view.store}.{dataset.name}",
        "milestoning": view.table.milestoning.name,
        "owner": view.owner,
        "description": dataset.description,
        "columns": [
            {
                "name": shown.name,
                "type": repr(column.type),
                "key": column.primary_key,
                "classification": sensitivity.name if sensitivity else None,
                "mask": shown.mask.kind.value if shown.mask else None,
                "description": column.description,
            }
            for shown, column in zip(view.columns, (columns[source] for source in seen), strict=True)
            for sensitivity in (column.classification or dataset.classification,)
        ],
    }
    return json.dumps(document, separators=(",", ":"))
