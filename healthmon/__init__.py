"""healthmon tells whether services are healthy, why not, and what to do next."""

__version__ = "0.1.0"
