"""How gunicorn runs the standalone application: threads, one socket, no log of addresses."""

import gc
import os

bind = os.environ.get("MELDCODE_BIND", "unix:/run/meldcode/web.sock")
workers = int(os.environ.get("MELDCODE_WORKERS", "2"))
threads = 8
# Loaded once and then divided: two processes take a tenth less memory. Nothing is connected to anything before that.
preload_app = True
worker_class = "gthread"
reuse_port = not bind.startswith("unix:")
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
# An address holds the id of a pupil: who asked for what stands in the access log of the application itself.
accesslog = None
errorlog = "-"
forwarded_allow_ips = "127.0.0.1,::1"
umask = 0o007
control_socket_disable = True


def pre_fork(server: object, worker: object) -> None:  # noqa: ARG001  # gunicorn hands them in
    """Keep what was loaded at start out of later searches for garbage: so it stays shared, and answers are steadier."""
    gc.collect()
    gc.freeze()
