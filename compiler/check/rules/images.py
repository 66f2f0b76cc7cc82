"""Images: what is run must be what was reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from compiler.check.rules.rule import Problem, pods, rule
from compiler.diagnostics import Severity
from compiler.link.program import Program
from compiler.lower.manifest import Manifest

MOVING_TAGS = frozenset({"latest", "master", "main", "stable", "edge", "nightly", "dev", "develop", "release"})
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")


def tag_of(image: str) -> str:
    """The tag of an image's name; empty where it has none.

    >>> tag_of("registry.example.com:5000/bot:1.4.2@sha256:00"), tag_of("registry.example.com:5000/bot")
    ('1.4.2', '')
    """
    last = image.partition("@")[0].rpartition("/")[2]
    return last.partition(":")[2]


@rule("image-tag-mutable", Severity.ERROR, "images")
def image_tag_mutable(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Image named by a tag that moves, or by no tag at all.

    ## Why is this bad?
    `latest`, `master` and the like stand for another image every week. A pod that is moved to another
    node may then run something that nobody reviewed, and two replicas may run two versions.

    ## Example
    ```yaml
    image: ghcr.io/example/bot:latest
    ```

    ## Use instead
    ```yaml
    image: ghcr.io/example/bot:1.4.2@sha256:…
    ```

    ## How to allow it
    Where upstream publishes nothing else, say so beside the image:
    ```yaml
    allow: [{rule: image-tag-mutable, reason: "upstream publishes only this tag"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in pod.containers():
            image = str(container.get("image", ""))
            tag = tag_of(image)
            if DIGEST.search(image) or (tag and tag not in MOVING_TAGS):
                continue
            what = f"the tag `{tag}` of {image} moves" if tag else f"the image {image} has no tag"
            yield Problem(
                pod.manifest, (*path, "image"), what, "write a version, best with its digest: name:1.4.2@sha256:…"
            )


@rule("image-digest-missing", Severity.WARNING, "images")
def image_digest_missing(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Image named by its tag alone.

    ## Why is this bad?
    A tag can be pushed again. Only the digest says which bytes run, now and after a rollback.

    ## Example
    ```yaml
    image: quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z
    ```

    ## Use instead
    ```yaml
    image: quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z@sha256:…
    ```
    `docker buildx imagetools inspect IMAGE` prints the digest.

    ## How to allow it
    ```yaml
    allow: [{rule: image-digest-missing, reason: "the repository's tags are immutable"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in pod.containers():
            image = str(container.get("image", ""))
            if tag_of(image) and not DIGEST.search(image) and tag_of(image) not in MOVING_TAGS:
                yield Problem(
                    pod.manifest, (*path, "image"), f"the image {image} has no digest", "append @sha256:… to the tag"
                )
