"""What the tests of check/ share: the real kubeconform, upstream's CRD files, a web server of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from composition_mutations import RememberedKinds
from loopback import WebServer, serve
from platformc.cache.storage import cache_folder
from platformc.check.kubeconform.install import install_kubeconform
from platformc.check.kubeconform.validation import Tools
from platformc.check.schemas.store import SchemaStore, add_folder

UPSTREAM_CRDS = Path(__file__).resolve().parents[3] / "shared" / "crds"


@pytest.fixture(scope="session")
def kubeconform() -> Path:
    """The real, pinned kubeconform: from PATH or the user's cache, else built there once."""
    return install_kubeconform(os.environ, cache_folder(os.environ), print)


@pytest.fixture(scope="session")
def upstream_crds() -> Path:
    """The folder of upstream CRD files that lies beside the repository on development machines."""
    if not UPSTREAM_CRDS.is_dir():
        pytest.skip("the upstream CRD files (../shared/crds) are not here")
    return UPSTREAM_CRDS


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for tests that only read what any other test would put there, too."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def managed(upstream_crds: Path, tmp_path_factory: pytest.TempPathFactory) -> RememberedKinds:
    """The provider's kinds."""
    (provider,) = upstream_crds.glob("provider-upjet-aws-*")
    store = SchemaStore(tmp_path_factory.mktemp("managed"))
    add_folder(store, provider)
    return RememberedKinds(store)


@pytest.fixture(scope="session")
def tools(kubeconform: Path, upstream_crds: Path, tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """The real kubeconform, with a cache of its own that knows upstream's kinds."""
    cache = tmp_path_factory.mktemp("schemas")
    add_folder(SchemaStore(cache / "schemas"), upstream_crds)
    binary = cache / "bin"
    binary.mkdir()
    (binary / kubeconform.name).symlink_to(kubeconform)
    return Tools(cache, os.environ["PATH"])


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    """A web server of this machine that knows no files yet."""
    with serve() as server:
        yield server
