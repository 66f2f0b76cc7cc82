"""What tests of comparing share."""

from __future__ import annotations

import pytest
from platformc.check import SchemaStore
from platformc.check.schemas.store import add_file
from platformc.snapshot import ListKeys, list_keys

KUBERNETES = "1.34"
CRD = b"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: pipelines.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Pipeline, plural: pipelines}
  versions:
  - name: v1
    served: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              mode: {type: string, default: fast}
              memory: {x-kubernetes-int-or-string: true}
              steps:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [step]
                items:
                  type: object
                  properties:
                    step: {type: string}
                    input: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ListKeys:
    """What schemas say: Kubernetes' own, and a CRD's."""
    cache = tmp_path_factory.mktemp("schemas")
    store = SchemaStore(cache / "schemas")
    assert add_file(store, CRD, "pipelines.yaml").added == ("pipelines.example.org",)
    return list_keys(cache, store, KUBERNETES, ())
