"""Tests of snapshots; a package, so that its conftest is not mistaken for another one."""
