"""Merchants' own pages on loopback that hold a checkout in a frame, well or badly."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Pages:
    """An origin of its own; `pages` are its documents by path, any other says that one is back."""

    def __init__(self):
        self.pages = {}
        self.visited = []
        ours = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path != "/favicon.ico":
                    ours.visited.append(self.path)
                back = "<!doctype html><title>Back</title><h1>Back at the shop</h1>"
                body = ours.pages.get(self.path, back).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def put(self, path, body):
        """The address of a page with this body."""
        head = """<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
            <meta name="viewport" content="width=device-width">"""
        self.pages[path] = head + body
        return self.url + path

    def close(self):
        self.server.shutdown()
        self.server.server_close()


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
