"""What the configuration of Schemathesis has no words for."""

import itertools
import os

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData

EXPENDABLE_TOKEN = os.environ.get("CONFORMANCE_EXPENDABLE_TOKEN")
numbers = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Changes what is valid into something as valid that lets the run go on."""
    number = next(numbers)
    headers = case.headers if case.headers is not None else {}
    # Nobody waits for a change.
    wait = str((case.query or {}).get("wait"))
    if wait.isdecimal() and 0 < int(wait) <= 60:
        case.query["wait"] = 0
    # Always the same key or tag would be refused as a key that was used and a state that has passed: one in four is.
    key = headers.get("Idempotency-Key")
    if number % 4 and isinstance(key, str) and 0 < len(key) <= 180 and key.isascii() and key.isprintable() and " " not in key:
        headers["Idempotency-Key"] = f"{key}-{number}"
    if number % 4 and headers.get("If-Match"):
        headers["If-Match"] = "*"
    # Signing out ends a session that is there for it.
    if case.operation.label == "DELETE /v1/sessions/current" and EXPENDABLE_TOKEN and headers.get("Authorization"):
        headers["Authorization"] = f"Bearer {EXPENDABLE_TOKEN}"


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """
    A form that JSON Schema can describe is refused with the code `invalid_request`; every other code is a rule, such as
    a duration above the policy, and a request that breaks a rule may be refused. So may any CSV: its columns are no
    matter of a schema.
    """
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    if case.media_type == "text/csv":
        return False
    try:
        return response.json().get("code") == "invalid_request"
    except ValueError:
        return True
