"""What it costs Airflow to read DAG files that make their DAGs from rows, beside plain files."""
