"""gunicorn: a few processes with threads, because requests wait for the database more than for the processor."""

import os
from typing import Any

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 10
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
wsgi_app = "backoffice.wsgi:application"


def child_exit(server: Any, worker: Any) -> None:
    """Drop the gauges of a worker that has ended, when processes share their metrics."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
