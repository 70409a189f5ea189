"""The floor: a folder of plain DAG files, one for each stream, with the tasks that ours have."""

from importlib.resources import files
from pathlib import Path
from string import Template

from benchmarks.airflow_parse.installed_rows import InstalledRows, name_of
from datasurface_airflow.factory.flows import flow_of, page_of


def write_static_files(folder: Path, rows: InstalledRows, number: int) -> None:
    """As many files as there are rows, whose DAGs have the same names, schedules, texts and tasks."""
    template = Template(files("benchmarks.airflow_parse").joinpath("programs", "static_dag.py.txt").read_text())
    folder.mkdir(parents=True)
    for each, job in enumerate(rows.jobs(number)):
        flow = flow_of(job.document())
        text = template.substitute(dag=name_of(each), stream=flow.stream, cron=flow.cron, page=page_of(flow))
        (folder / f"{name_of(each)}.py").write_text(text, encoding="utf-8")
