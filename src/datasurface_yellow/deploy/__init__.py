"""Deploying: tables, views and grants of a deployment."""
