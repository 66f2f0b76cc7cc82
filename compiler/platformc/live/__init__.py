"""live: the actual state of clusters and AWS. Imported only by the verbs that need it."""

from typing import TYPE_CHECKING

from platformc.lazy_face import lazily

if TYPE_CHECKING:
    from platformc.live.apply import apply_all, wait_for_root
    from platformc.live.cluster import Access, Cluster, run
    from platformc.live.looks import Looks
    from platformc.live.outputs import known_outputs, live_outputs, output_named, statuses
    from platformc.live.report import as_json, as_text
    from platformc.live.sealing_controller import SealingController
    from platformc.live.status import Report
else:
    __getattr__ = lazily(
        __name__,
        {
            "apply": ("apply_all", "wait_for_root"),
            "cluster": ("Access", "Cluster", "run"),
            "looks": ("Looks",),
            "outputs": ("known_outputs", "live_outputs", "output_named", "statuses"),
            "report": ("as_json", "as_text"),
            "sealing_controller": ("SealingController",),
            "status": ("Report",),
        },
    )

__all__ = [
    "Access",
    "Cluster",
    "Looks",
    "Report",
    "SealingController",
    "apply_all",
    "as_json",
    "as_text",
    "known_outputs",
    "live_outputs",
    "output_named",
    "run",
    "statuses",
    "wait_for_root",
]
