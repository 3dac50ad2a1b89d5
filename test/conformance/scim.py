"""Asks scim2-tester about the service at the address given, by the token in SCIM_TOKEN; prints its findings as JSON."""

import json
import os
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

http = Client(base_url=sys.argv[1], headers={"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"})
client = SyncSCIMClient(http)
results = check_server(client)
json.dump([{"status": r.status.name, "title": r.title, "reason": r.reason} for r in results], sys.stdout)
