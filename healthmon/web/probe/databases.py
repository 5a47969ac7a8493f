"""Databases by `/probe`: blackbox_exporter has no metrics for them, so those that all checks have, and those of TLS."""

from healthmon.web.probe.certificates import measure_tls
from healthmon.web.probe.contract import Kind

DATABASE = Kind(measure_tls)
