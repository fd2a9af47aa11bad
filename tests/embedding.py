"""Merchants' own pages on loopback that hold a checkout in a frame, well or badly."""

import json

from axe_playwright_python.sync_playwright import Axe


def mounting(made, base_url, *, how="mount", prevents=(), extra="", style=""):
    """A page that puts a checkout into an element, or a dialog behind a button, and notes events.

    prevents names the handlers that take care themselves.
    """
    start = (
        'Paydesk.mount("#pay", url, options);'
        if how == "mount"
        else 'document.querySelector("button").onclick = () => Paydesk.open(url, options);'
    )
    return f"""
<style>body {{ margin: 0 }} {style}</style><main><h1>Toy shop</h1><button>Pay now</button>
<div id="pay"><a href="{made["page_url"]}">Pay on a page of its own</a></div>{extra}</main>
<script src="{base_url}/embed.js"></script>
<script>
const url = {json.dumps(made["page_url"])}, heard = [], prevents = {json.dumps(list(prevents))};
const names = ["Ready", "Resize", "Completed", "Failed", "Cancelled", "Expired", "Closed"];
const options = Object.fromEntries(names.map((name) => ["on" + name, (event) => {{
  heard.push(event);
  return !prevents.includes("on" + name);
}}]));
{start}
</script>"""


def faults(page):
    """What axe finds in the page and in each frame of it, by the document's address.

    It looks at them one by one: asked for all at once it would send the frames messages as if
    they were of the page's own origin, and Chromium complains of that.
    """
    return [
        (frame.url, fault["id"])
        for frame in page.frames
        for fault in Axe().run(frame, options={"iframes": False}).response["violations"]
    ]
