"""Actions in AWS: what the access words of `needs` stand for, and what must never follow from one.

Stated for the tests, from AWS' Service Authorization Reference (aws_kinds), so that a test does not ask the compiler
what the compiler should do.
"""

from __future__ import annotations

from aws_kinds import RIGHTS

ACCESS: dict[tuple[str, str], frozenset[str]] = {
    (rights.word, word): actions for rights in RIGHTS.values() for word, actions in rights.access.items()
}
"""Word of a kind and access word -> actions, as the tests state them."""

DANGEROUS: tuple[str, ...] = (
    *(action for rights in RIGHTS.values() for action in rights.dangerous),
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:PutBucketPolicy",
    "s3:PutObjectAcl",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:CreateUser",
    "iam:PassRole",
    "iam:PutUserPolicy",
    "kms:Decrypt",
    "lambda:InvokeFunction",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "sts:AssumeRole",
)
"""What deletes, opens to others, reaches further than a need says, or makes more rights of the ones there are."""
