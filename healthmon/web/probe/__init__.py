"""`/probe`: checks a target that a request names, and answers with metrics as blackbox_exporter does."""
