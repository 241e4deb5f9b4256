"""The site as it is served while it is measured: its own pages and API, and the bare views that are their twins."""
