"""rbac_words: permissions in the Kubernetes API in words, and which of them lead to more.

In      Permissions.
Out     phrases such as `get, list and watch pods in discord-bot`; the reason why one is an escalation.
Never   has a list of its own of what is dangerous: the rules of `check` have it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from platformc.check.policies.kubernetes_access import (
    BUILT_IN_ADMINS,
    ESCALATING,
    EVERYBODY,
    READING,
    RUNS_PODS,
    WRITING,
)
from platformc.diff.access.rbac import EVERYTHING, Permission, Subject
from platformc.diff.reachability import in_words

SHOWN = 12


def phrases(permissions: Iterable[Permission]) -> list[str]:
    """Permissions in words, those with the same verbs together; what leads to more comes first."""
    verbs: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for one in permissions:
        what = _path(one.path) if one.path else _resource(one)
        verbs[one.scope, one.name, what, "role" if one.is_whole_role else ""].add(one.verb)
    alike: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (scope, name, what, role), several in sorted(verbs.items()):
        words = () if role else tuple(sorted(several, key=_order))
        alike[scope, name, words].append(what)
    return [_phrase(scope, name, words, resources) for (scope, name, words), resources in alike.items()]


def _phrase(scope: str, name: str, verbs: tuple[str, ...], resources: list[str]) -> str:
    where = f" in {scope}" if scope else " in the whole cluster"
    if not verbs:
        return f"do all that the {in_words(resources, SHOWN)} allows{where}"
    only = f" {name}" if name else ""
    does = "do everything with" if EVERYTHING in verbs else in_words(list(verbs), SHOWN)
    return f"{does} {in_words(resources, SHOWN)}{only}{where}"


def _path(path: str) -> str:
    return "every path" if path == EVERYTHING else f"the path {path}"


def _resource(one: Permission) -> str:
    if one.is_whole_role:
        return one.resource
    if one.resource == EVERYTHING:
        return "every resource" if one.group == EVERYTHING else f"every resource of {one.group or 'the core API'}"
    if one.group == EVERYTHING:
        return f"{one.resource} of every API group"
    return f"{one.resource}.{one.group}" if "." in one.group and not one.group.endswith(".k8s.io") else one.resource


def _order(verb: str) -> tuple[int, str]:
    known = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
    return (known.index(verb), verb) if verb in known else (len(known), verb)


def escalations(subject: Subject, permissions: Iterable[Permission]) -> list[str]:
    """Why permissions lead to more than they say, one sentence for each reason."""
    found: dict[str, None] = {}
    if subject.name in EVERYBODY:
        found["everybody who can reach the API server has them"] = None
    for one in permissions:
        reason = _reason(one)
        if reason:
            where = f"in {one.scope}" if one.scope else "in the whole cluster"
            found[f"{reason} {where}"] = None
    return list(found)


def _reason(one: Permission) -> str:
    """Why one permission leads to more, as the beginning of a sentence; empty if it does not."""
    if one.path:
        return ""
    return next((words for applies, words in _reasons(one) if applies), "")


def _reasons(one: Permission) -> Iterator[tuple[bool, str]]:
    """The reasons, the gravest first, each with whether it applies."""
    built_in = one.is_whole_role and one.resource.removeprefix("ClusterRole ") in BUILT_IN_ADMINS
    reads = one.resource in ("secrets", EVERYTHING) and one.group in ("", EVERYTHING) and one.verb in READING
    running = WRITING | ({"get"} if one.resource in ("pods/attach", "pods/exec") else set())
    any_verb = one.verb == EVERYTHING
    yield one.verb == one.resource == one.group == EVERYTHING, "it can do everything"
    yield one.verb in ESCALATING, f"it can {one.verb}, and so gain permissions that it does not have,"
    makes_tokens = one.resource == "serviceaccounts/token" and (any_verb or one.verb == "create")
    yield makes_tokens, "it can create tokens for other service accounts"
    yield built_in or (reads and not one.name), "it can read every Secret"
    runs = one.resource in RUNS_PODS and one.verb in running
    yield runs, "it can run commands in pods, and so use every Secret and service account"
    wildcard = any_verb or EVERYTHING in (one.resource, one.group)
    yield wildcard, f"it has a wildcard for {_resource(one)}, which includes what is added later,"
