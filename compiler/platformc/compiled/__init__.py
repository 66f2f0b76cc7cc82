"""compiled: what is kept of an environment once it is compiled: for later runs, and for runs on other machines.

In      what compiling an environment made; bytes that an earlier run left.
Out     CompiledEnvironment, as a value and as bytes; the Memory of earlier runs.
Never   compiles.
"""

from platformc.compiled.encoding import dump_environment, parse_environment
from platformc.compiled.environment import CompiledEnvironment, CompiledFile, files_of
from platformc.compiled.files import read_tree
from platformc.compiled.memory import Memory
from platformc.compiled.reading import DamagedError
from platformc.compiled.shards import MOST_SHARDS, Shard, read_shards, write_shard

__all__ = [
    "MOST_SHARDS",
    "CompiledEnvironment",
    "CompiledFile",
    "DamagedError",
    "Memory",
    "Shard",
    "dump_environment",
    "files_of",
    "parse_environment",
    "read_shards",
    "read_tree",
    "write_shard",
]
