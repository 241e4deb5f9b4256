"""The storage of files on the disk of the machine."""

import os
import uuid
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class WholeFileStorage(FileSystemStorage):
    """Keeps files whole: a write that fails leaves nothing, and one that succeeded outlives a failure of power."""

    def _save(self, name: str, content: File) -> str:
        part_name = f"{name}.{uuid.uuid4().hex}.part"
        part = Path(self.path(part_name))
        try:
            super()._save(part_name, content)  # type: ignore[misc]  # the stubs know only public methods
            _sync(part)
            part.replace(self.path(name))
        finally:
            part.unlink(missing_ok=True)
        for directory in Path(self.path(name)).parents:
            _sync(directory)
            if directory == Path(self.location):
                break
        return name


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
