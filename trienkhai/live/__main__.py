"""Runs the process `live`: `python -m trienkhai.live --host HOST --port PORT`."""

import argparse
import asyncio
import logging.config
import os
import resource
import socket
from types import FrameType

import uvicorn
from django.conf import settings

from trienkhai.config import environment
from trienkhai.live.changes import Database, follow
from trienkhai.live.stream import Stream
from trienkhai.live.watchers import Watchers


class Server(uvicorn.Server):
    """Ends the streams when it is told to stop; they would last as long as the browsers want."""

    def __init__(self, config: uvicorn.Config, watchers: Watchers) -> None:
        super().__init__(config)
        self._watchers = watchers

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (uvicorn's signature)
        """Stop, and count that as success."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then the server."""
        self._watchers.end()
        await super().shutdown(sockets)


async def serve(host: str, port: int) -> None:
    """Serve the stream until the process is told to stop; an error in following the changes ends it too."""
    watchers, database, ready = Watchers(), Database(), asyncio.Event()
    config = uvicorn.Config(
        Stream(watchers, database),
        host=host,
        port=port,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follow(watchers, database, ready=ready))
        await ready.wait()
        await Server(config, watchers).serve()
        following.cancel()


def main() -> None:
    """Read the command line and the environment, and serve."""
    parser = argparse.ArgumentParser(prog="python -m trienkhai.live", description="Serve the stream of changes.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    environment.load_instance()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trienkhai.config.settings")
    logging.config.dictConfig(settings.LOGGING)
    # Each watcher is an open file, and the usual limit is 1,024.
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(serve(arguments.host, arguments.port))


if __name__ == "__main__":
    main()
