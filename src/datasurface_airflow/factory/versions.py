"""What Airflow 3 and 2 name differently; everything else is imported where it is used."""

try:
    from airflow.sdk import (
        DAG,
        Asset,
        AssetOrTimeSchedule,
        BaseOperator,
        CronTriggerTimetable,
        DeltaTriggerTimetable,
        get_parsing_context,
    )
    from airflow.sdk.exceptions import AirflowFailException
except ImportError:
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.exceptions import AirflowFailException
    from airflow.models.baseoperator import BaseOperator
    from airflow.timetables.datasets import DatasetOrTimeSchedule
    from airflow.timetables.interval import DeltaDataIntervalTimetable as DeltaTriggerTimetable  # 2 has no other
    from airflow.timetables.trigger import CronTriggerTimetable
    from airflow.utils.dag_parsing_context import get_parsing_context

    def AssetOrTimeSchedule(*, timetable: object, assets: object) -> object:
        """As Airflow 3 has it."""
        return DatasetOrTimeSchedule(timetable=timetable, datasets=assets)


__all__ = [
    "DAG",
    "AirflowFailException",
    "Asset",
    "AssetOrTimeSchedule",
    "BaseOperator",
    "CronTriggerTimetable",
    "DeltaTriggerTimetable",
    "get_parsing_context",
]
