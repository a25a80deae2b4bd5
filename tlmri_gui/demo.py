"""The demo scans, drawn in a child process: seconds of arithmetic that nothing should wait for."""

from __future__ import annotations

from core.jobs import JobContext


def draw_demo(context: JobContext, n_others: int) -> None:
    """Publish the demo scan, then scans of other subjects to tune on (run by a child process)."""
    from core import phantom

    context.progress(0.0, "drawing a digital brain")
    context.publish(phantom.demo_scan())
    context.progress(0.5, "drawing another digital brain to tune on")
    for scan in phantom.demo_local_scans(n_others):
        context.publish(scan)
