"""Alert rules for Prometheus and a dashboard for Grafana, from a model."""
