"""Answers that several apps give the same way."""

from typing import IO

from django.http import FileResponse


def attachment(content: IO[bytes], *, name: str, media_type: str) -> FileResponse:
    """Return somebody's file for saving and never for running, under its own name, and keep it out of caches."""
    response = FileResponse(content, as_attachment=True, filename=name, content_type=media_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
