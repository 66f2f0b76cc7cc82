"""platformc: compile one declarative platform spec into the plain files that Argo CD syncs.

Data flows one way: language -> link -> lower -> check -> tree. `pipeline` runs the stages in order;
`cli` is the only package that prints, reads the environment or knows the terminal.
"""

__version__ = "0.1.0"
