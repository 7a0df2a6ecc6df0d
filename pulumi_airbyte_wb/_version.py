"""The one place that holds the version; packaging and the user agent read it here."""

__version__ = "0.2.0"
