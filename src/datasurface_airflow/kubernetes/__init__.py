"""Manifests for Kubernetes: what runs a model in a cluster, checked before anybody applies it."""
