"""What label selectors select."""

from collections.abc import Mapping

from datasurface_airflow.kubernetes.documents import items, table, tables, text


def matches(selector: Mapping[str, object], labels: Mapping[str, object]) -> bool:
    """Whether a selector (``matchLabels``, ``matchExpressions``) selects what has these labels; an empty one does."""
    if any(labels.get(key) != value for key, value in table(dict(selector), "matchLabels").items()):
        return False
    for expression in tables(dict(selector), "matchExpressions"):
        key, values = text(expression, "key"), items(expression, "values")
        match text(expression, "operator"):
            case "In":
                holds = labels.get(key) in values
            case "NotIn":
                holds = labels.get(key) not in values
            case "Exists":
                holds = key in labels
            case _:
                holds = key not in labels
        if not holds:
            return False
    return True
