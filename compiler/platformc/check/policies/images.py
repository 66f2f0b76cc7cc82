"""Images: what runs must be what was reviewed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from platformc.check.policies.object_fields import containers, mapping, namespace_of, sequence, text
from platformc.check.policies.policy import Problem, pods, policy
from platformc.diagnostics import Severity
from platformc.link import Program
from platformc.lower import Manifest

MOVING_TAGS = frozenset({"latest", "master", "main", "stable", "edge", "nightly", "dev", "develop", "release"})
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
NAME = re.compile(
    rf"(?:(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?{_PART}(?:/{_PART})*"
    r"(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64}|@sha512:[0-9a-f]{128})?\Z"
)
"""The grammar of github.com/distribution/reference, which Kubernetes uses: host, path, tag, digest."""
LONGEST_NAME = 255 + 1 + 128 + len("@sha512:") + 128
"""Characters; the grammar's limits of a path and of a tag, and the longer digest."""

ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/")
"""AWS docs, "Private registry": the address of a private registry, unlike public.ecr.aws."""


def tag_of(image: str) -> str:
    """Return the tag of an image name; empty if it has none.

    >>> tag_of("registry.example.com:5000/bot:1.4.2@sha256:00"), tag_of("registry.example.com:5000/bot")
    ('1.4.2', '')
    """
    last = image.partition("@")[0].rpartition("/")[2]
    return last.partition(":")[2]


def is_name(image: str) -> bool:
    """Whether a text is a valid image name.

    >>> is_name("registry.example.com:5000/team/bot:1.4.2"), is_name("ghcr.io/Example/bot:1.4.2")
    (True, False)
    """
    return len(image) <= LONGEST_NAME and NAME.match(image) is not None


@policy("image-name-malformed", Severity.ERROR, "images")
def image_name_malformed(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Invalid image name.

    ## Why is this bad?
    Kubernetes accepts any text as an image name, and the pod then stays in InvalidImageName. Common causes are
    capitals in the path, a space, two tags, or an incomplete digest.

    ## Example
    ```yaml
    image: ghcr.io/Example/bot:1.4.2
    ```

    ## Use instead
    ```yaml
    image: ghcr.io/example/bot:1.4.2
    ```

    ## How to allow it
    If something replaces the name before the pod starts:
    ```yaml
    allow: [{rule: image-name-malformed, reason: "the injector replaces it"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod):
            image = text(container.get("image"))
            if image and not is_name(image):
                yield Problem(
                    pod.manifest, (*path, "image"), f"`{image}` is not a valid image name", _well_formed(image)
                )


def _well_formed(image: str) -> str:
    """Return a hint with the name that was probably meant, or else the general form."""
    name, at, digest = image.partition("@")
    path, colon, tag = name.rpartition(":") if tag_of(image) else (name, "", "")
    host, slash, rest = path.partition("/")
    lowered = f"{host}{slash}{rest.lower()}" if slash else path.lower()
    if is_name(f"{lowered}{colon}{tag}{at}{digest}"):
        return f"write {lowered}{colon}{tag}{at}{digest}"
    if at and is_name(name):
        return "write the whole digest: @sha256: and 64 hexadecimal digits"
    return "write registry/name:tag@sha256:…"


@policy("image-tag-mutable", Severity.ERROR, "images")
def image_tag_mutable(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Image with a moving tag, or without a tag.

    ## Why is this bad?
    `latest`, `master` and the like refer to another image every week. A pod that moves to another node may
    then run something that nobody reviewed, and two replicas may run different versions.

    ## Example
    ```yaml
    image: ghcr.io/example/bot:latest
    ```

    ## Use instead
    ```yaml
    image: ghcr.io/example/bot:1.4.2@sha256:…
    ```

    ## How to allow it
    If upstream publishes nothing else, say so beside the image:
    ```yaml
    allow: [{rule: image-tag-mutable, reason: "upstream publishes only this tag"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod):
            image = text(container.get("image"))
            tag = tag_of(image)
            if DIGEST.search(image) or (tag and tag not in MOVING_TAGS) or (image and not is_name(image)):
                continue
            what = f"the tag `{tag}` of {image} moves" if tag else f"the image {image} has no tag"
            yield Problem(
                pod.manifest, (*path, "image"), what, "write a version, preferably with its digest: name:1.4.2@sha256:…"
            )


@policy("image-digest-missing", Severity.WARNING, "images")
def image_digest_missing(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Image with a tag but no digest.

    ## Why is this bad?
    A tag can be pushed again. Only the digest determines which bytes run, now and after a rollback.

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
    waiting = program.platform.settings.defaults.wait_image
    said = False
    for pod in pods(manifests):
        for path, container in containers(pod):
            image = text(container.get("image"))
            if is_name(image) and tag_of(image) and not DIGEST.search(image) and tag_of(image) not in MOVING_TAGS:
                if image == waiting and said:
                    continue  # one line of the Platform sets it for all pods that wait
                said = said or image == waiting
                yield Problem(
                    pod.manifest, (*path, "image"), f"the image {image} has no digest", "append @sha256:… to the tag"
                )


@policy("pull-secret-missing", Severity.ERROR, "images")
def pull_secret_missing(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Image from a private registry in a pod without a pull secret for it.

    ## Why is this bad?
    The pod stays in ImagePullBackOff. On a node that has the image cached it starts, so the mistake
    shows days later, on another node.

    ## Example
    ```yaml
    kind: Application
    spec: {namespace: {name: bot, create: true}}        # pods in it pull from ECR
    ```

    ## Use instead
    ```yaml
    kind: Application
    spec: {namespace: {name: bot, create: true, imagePullSecrets: [ecr-registry]}}
    ```
    Pods get their entry automatically if the image is written as `${repository.NAME.url}:TAG`.

    ## How to allow it
    ```yaml
    allow: [{rule: pull-secret-missing, reason: "the nodes log in to ECR themselves"}]
    ```
    """
    delivered = {
        name: set(plan.image_pull_secrets) & set(program.platform.settings.image_pull_secrets)
        for name, plan in program.namespaces.items()
    }
    for pod in pods(manifests):
        named = {text(mapping(item).get("name")) for item in sequence(pod.spec.get("imagePullSecrets"))}
        usable = delivered.get(namespace_of(pod.manifest), set())
        for path, container in containers(pod):
            image = text(container.get("image"))
            if not ECR.match(image) or named & usable:
                continue
            if not named:
                message = f"the pod has no pull secret for the private registry of {image.partition('/')[2]}"
                hint = "write the image as ${repository.NAME.url}:TAG, or name a pull secret"
            else:
                message = f"the namespace {namespace_of(pod.manifest)} does not have the pull secret {min(named)}"
                hint = f"add imagePullSecrets: [{min(named)}] to `namespace` of its Application"
            yield Problem(pod.manifest, (*path, "image"), message, hint)
            break  # one pull secret serves all containers of the pod
