"""Emitters for Apache Airflow and Kubernetes: what renders loads when it is asked to."""
