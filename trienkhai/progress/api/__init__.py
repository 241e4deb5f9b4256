"""Programmes, figures, assignments, reports and decisions by the API."""

from ninja import Router

from trienkhai.progress.api import assignments, figures, programmes, reports

router = Router()
for part in (programmes, figures, assignments, reports):
    router.add_router("", part.router)

__all__ = ["router"]
