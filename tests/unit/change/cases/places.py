"""Places that change."""

from collections.abc import Sequence

from datasurface.model import (
    Credential,
    PlatformManaged,
)
from tests.unit.change.cases.case import (
    BREAKING,
    COMPATIBLE,
    EMPTY,
    LAB,
    NOTICE,
    PAST,
    REFINER,
    SHOP,
    SPARE,
    Case,
)
from tests.unit.change.edits import with_values, without

PLACES: Sequence[Case] = [
    Case(
        "a source has another address",
        NOTICE,
        "CC401",
        "ShopDB has host new.acme.example instead of shopdb.acme.example; the next batch takes what differs "
        "for changes; seen by Refine.Input, Reports.Daily",
        [with_values(f"{SHOP}/capture/container", host="new.acme.example")],
    ),
    Case(
        "a merge database has another address",
        NOTICE,
        "CC401",
        "PastDB has port 6432 instead of 5432, where its tables and views must be; seen by Refine.Input, "
        "Reports.Daily, Reports.Now",
        [with_values(f"{PAST}/merge_database", port=6432)],
    ),
    Case(
        "a source is another database",
        NOTICE,
        "CC402",
        "ShopDB is shop2 instead of shopdb; the next batch takes what differs for changes; seen by "
        "Refine.Input, Reports.Daily",
        [with_values(f"{SHOP}/capture/container", database="shop2")],
    ),
    Case(
        "a merge database is another one",
        BREAKING,
        "CC402",
        "PastDB is past2 instead of pastdb: neither views nor history are there, and it serves Refine.Input, "
        "Reports.Daily, Reports.Now",
        [with_values(f"{PAST}/merge_database", database="past2")],
    ),
    Case(
        "the merge database of a platform that serves nobody is another one",
        COMPATIBLE,
        "CC402",
        "SpareDB is spare2 instead of sparedb; no group is served from there",
        [with_values(f"{SPARE}/merge_database", database="spare2")],
    ),
    Case(
        "a source is another file",
        COMPATIBLE,
        "CC402",
        "File is /srv/new.db instead of /srv/file.db; the next batch takes what differs for changes; no group"
        " sinks Empty.unused",
        [with_values(f"{EMPTY}/capture/container", path="/srv/new.db")],
    ),
    Case(
        "the views of a workspace stand with the platform's",
        NOTICE,
        "CC403",
        "the views of Lab stand in another place, where queries must connect",
        [with_values(LAB, container=PlatformManaged())],
    ),
    Case(
        "the views of a workspace stand in another database",
        NOTICE,
        "CC402",
        "LabDB is lab2 instead of labdb, where queries of its views must connect",
        [with_values(f"{LAB}/container", database="lab2")],
    ),
    Case(
        "the control database is another one",
        NOTICE,
        "CC402",
        "the generations up to now stay in the old control database, and jobs that name it run the last of them",
        [with_values("control_database", database="control2")],
    ),
    Case(
        "the control database is not named any more",
        NOTICE,
        "CC404",
        "the generations up to now stay in the old control database, and jobs that name it run the last of them",
        [without("control_database")],
    ),
    Case(
        "a container is called otherwise",
        COMPATIBLE,
        "CC405",
        "ShopDB is called ShopSource; environment files must name it so",
        [with_values(f"{SHOP}/capture/container", name="ShopSource")],
    ),
    Case(
        "a source stands at another location",
        NOTICE,
        "CC406",
        "ShopDB stands at AWS/us instead of AWS/eu; seen by Refine.Input, Reports.Daily",
        [with_values(f"{SHOP}/capture/container", location="AWS/us")],
    ),
    Case(
        "a merge database stands at another location",
        NOTICE,
        "CC406",
        "PastDB stands at AWS/eu instead of AWS/us; seen by Refine.Input, Reports.Daily, Reports.Now",
        [with_values(f"{PAST}/merge_database", location="AWS/eu")],
    ),
    Case(
        "a database is opened with another credential",
        COMPATIBLE,
        "CC407",
        "it is opened with credential shop-reader, which every job needs",
        [with_values(f"{SHOP}/capture/container/credential", name="shop-reader")],
    ),
    Case(
        "a database is opened without a credential",
        COMPATIBLE,
        "CC407",
        "it is opened without a credential",
        [without(f"{SHOP}/capture/container/credential")],
    ),
    Case(
        "a connection is encrypted",
        COMPATIBLE,
        "CC407",
        "the connection has sslmode='verify-full'",
        [with_values(f"{SHOP}/capture/container", sslmode="verify-full")],
    ),
    Case(
        "a workspace's database reads with another secret",
        COMPATIBLE,
        "CC407",
        "it is opened with credential lab-reader, which every job needs",
        [with_values(LAB, reader=Credential("lab-reader"))],
    ),
    Case(
        "a transformer runs as another login",
        COMPATIBLE,
        "CC407",
        "it is opened with credential lab-code, which every job needs",
        [with_values(REFINER, credential=Credential("lab-code"))],
    ),
]
