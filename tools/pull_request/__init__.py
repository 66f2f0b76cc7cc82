"""pull_request: what CI does around `platformc diff`: which commits, the report, the one comment. In no wheel.

`report` runs where nothing is trusted and nothing is secret; `comment` and `post` hold a token, and run nothing of a
pull request.
"""
