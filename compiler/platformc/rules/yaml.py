"""YAML: rules about the subset of YAML that specs are written in."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "yaml")

DUPLICATE_KEY = _rule("duplicate-key")
YAML_ALIAS = _rule("yaml-alias")
YAML_AMBIGUOUS_SCALAR = _rule("yaml-ambiguous-scalar")
YAML_KEY = _rule("yaml-key")
YAML_MERGE_KEY = _rule("yaml-merge-key")
YAML_NESTING = _rule("yaml-nesting")
YAML_SYNTAX = _rule("yaml-syntax")
YAML_TAG = _rule("yaml-tag")
