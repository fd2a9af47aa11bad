"""People in front of Chromium, and the merchant's own pages that they come back to."""

import re
import shutil
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from world import APPROVED

# Chromium says so of every frame that the protocol's sandbox is for: its first document is ours.
SANDBOX_WARNING = (
    "An iframe which has both allow-scripts and allow-same-origin for its sandbox attribute can "
    "escape its sandboxing."
)
# A policy that stopped something says so in each frame, whatever the page's own script hears.
LISTENING = """
addEventListener("securitypolicyviolation", (event) =>
    console.error(`stopped by ${event.effectiveDirective}: ${event.blockedURI}`));
"""


# The headless shell first: it opens a page with a third of the work.
CHROMIUM_PROGRAMS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

# What a shop asks that has no cards saved: whoever has paid before would be offered their own.
NO_CARDS = {"save_cards": False, "show_cards": False}


def launched(playwright):
    """The machine's own Chromium; `make test` sees to it that there is one."""
    path = next(filter(None, map(shutil.which, CHROMIUM_PROGRAMS)), None)
    assert path, "The tests need Chromium: install it (on Debian: chromium-headless-shell)."
    return playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)


class Shop:
    """The merchant's own pages on loopback, which note what was asked of them.

    Any address has a page; `put` makes one of its own.
    """

    def __init__(self):
        self.visited = []
        self.pages = {}
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path != "/favicon.ico":
                    shop.visited.append(self.path)
                back = "<!doctype html><title>The shop</title><h1>Back at the shop</h1>"
                body = shop.pages.get(self.path, back).encode()
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


class Window:
    """A browser of one person, with what it complained of and where it went.

    Shape: asked is (seconds, method, address) of each request.
    """

    def __init__(self, chromium, **options):
        self.context = chromium.new_context(**options)
        self.complaints, self.asked = [], []
        self.context.add_init_script(LISTENING)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda fault: self.complaints.append(str(fault.error)))
        self.context.on("request", self._note)
        self.page = self.context.new_page()

    def fill(self, number=APPROVED, page=None):
        page = page or self.page
        another = page.get_by_label("Use another card")
        if another.count():  # whoever paid here before has a card saved
            another.check()
        page.get_by_label("Card number").fill(number)
        page.get_by_label("Expiry date").fill("12/30")
        page.get_by_label("Security code").fill("123")
        page.get_by_label("Name on card").fill("Thandi Nkosi")

    def press_pay(self, page=None):
        (page or self.page).get_by_role("button", name=re.compile(r"^Pay ")).click()

    def close(self):
        self.context.close()

    def _hear(self, said):
        if said.text != SANDBOX_WARNING:
            self.complaints.append(said.text)

    def _note(self, request):
        self.asked.append((time.monotonic(), request.method, request.url))


def assert_kept_to_itself(window, *known):
    """No complaint of a policy or a script, and nothing asked of anybody but these addresses."""
    assert window.complaints == [], window.complaints
    # What has another scheme is asked of nobody: data, blank pages, Chromium's own word of a fault.
    asked = {urlsplit(url).netloc for _, _, url in window.asked if url.startswith(("http", "ws"))}
    strangers = asked - {"", *(urlsplit(url).netloc for url in known)}
    assert not strangers, [url for _, _, url in window.asked if urlsplit(url).netloc in strangers]
