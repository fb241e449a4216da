"""What schemathesis cannot know of this API."""

import os

import schemathesis

# Pieces of files are bytes like any others.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

# What may be sent with any request.
EVERYWHERE = {"authorization", "content-type", "cookie", "user-agent", "x-csrf-token"}

# Of the token that all requests are made with: who revokes it learns no more.
OWN_TOKEN = os.environ["OWN_TOKEN"]


@schemathesis.hook
def filter_case(_context, case):
    """What makes no request wrong: a header that nobody has heard of, which HTTP passes over; a parameter without a value,
    which counts as absent; a header about a piece, on a POST that stands for what takes no piece."""
    headers = {name.lower(): value for name, value in (case.headers or {}).items()}
    known = EVERYWHERE | {parameter.name.lower() for parameter in case.operation.headers}
    has_unknown_header = any(name not in known for name in headers)
    # So is an object, for which a query has no form here.
    has_empty_parameter = any(value in ("", []) or isinstance(value, dict) for value in (case.query or {}).values())
    is_without_piece = headers.get("x-http-method-override") in {"DELETE", "HEAD"}
    return not (has_unknown_header or has_empty_parameter or is_without_piece)


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """Others' tokens are revoked as they come."""
    if case.operation.path.endswith("/tokens/{id}") and case.path_parameters.get("id") == OWN_TOKEN:
        case.path_parameters["id"] = "0123456789abcdef"
