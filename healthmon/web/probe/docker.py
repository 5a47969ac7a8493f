"""Containers by `/probe`: blackbox_exporter has no metrics for them, so only those that all checks have."""

from healthmon.web.probe.contract import Kind

DOCKER = Kind(lambda _: ())
