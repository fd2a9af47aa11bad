"""`make lighthouse`: what Lighthouse says of the open page, as a phone on a slow line sees it.

Needs Node.js with npm, and Chromium (CHROME_PATH names another). Lighthouse itself is fetched
into var/lighthouse the first time: 186 MB. Median of five runs, printed beside the bars.
"""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp

from bench.body import body
from bench.report import tell
from bench.server import Server
from bench.table import Bar

VERSION = "12.8.2"  # the last that runs on Node 20
RUNS = 5
_PLACE = Path("var/lighthouse")
# Without these, Chromium asks its maker for updates and lists, and root can't start it.
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)


def main() -> None:
    program = _lighthouse()
    with tempfile.TemporaryDirectory(prefix="paydesk-lighthouse-") as folder:
        Path(folder).chmod(0o711)
        server = Server(Path(folder) / "data")
        try:
            server.start()
            url = asyncio.run(_page_url(server))
            reports = [_run(program, url, run) for run in range(1, RUNS + 1)]
        finally:
            server.stop()
    for bar in _bars(reports):
        print(bar.text())
    _PLACE.joinpath("report.json").write_text(json.dumps(reports[-1]))
    print(f"The last report whole: {_PLACE}/report.json")


def _lighthouse() -> Path:
    program = _PLACE / VERSION / "node_modules/.bin/lighthouse"
    if program.exists():
        return program.absolute()
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is missing: install Node.js 18 or later with npm.")
    tell(f"fetching Lighthouse {VERSION}")
    place = program.parent.parent.parent
    place.mkdir(parents=True, exist_ok=True)
    quiet = ("--silent", "--no-audit", "--no-fund")
    subprocess.run([npm, "install", *quiet, f"lighthouse@{VERSION}"], cwd=place, check=True)
    return program.absolute()


async def _page_url(server: Server) -> str:
    record = body("https://merchant.example/webhooks", order="ORD1", customer="CLN1")
    headers = {"Authorization": server.authorization()}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{server.base_url}/checkout/page", json=record) as reply,
    ):
        url: str = (await reply.json())["result"]["page_url"]
        return url


def _run(program: Path, url: str, run: int) -> dict[str, Any]:
    tell(f"run {run} of {RUNS}")
    known = map(shutil.which, ("chromium", "chromium-headless-shell"))
    chrome = os.environ.get("CHROME_PATH") or next(filter(None, known), "")
    done = subprocess.run(
        [program, url, "--output=json", "--quiet", f"--chrome-flags={_FLAGS}"],
        env={**os.environ, "CHROME_PATH": chrome},
        stdout=subprocess.PIPE,
        check=True,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _bars(reports: list[dict[str, Any]]) -> list[Bar]:
    def score(category: str) -> float:
        return median(100 * report["categories"][category]["score"] for report in reports)

    def value(audit: str) -> float:
        return median(report["audits"][audit]["numericValue"] for report in reports)

    def kilobytes(kind: str) -> float:
        rows = reports[-1]["audits"]["resource-summary"]["details"]["items"]
        return sum(row["transferSize"] for row in rows if row["resourceType"] == kind) / 1024

    return [
        Bar("performance", score("performance"), 98, "", is_floor=True),
        Bar("accessibility", score("accessibility"), 100, "", is_floor=True),
        Bar("best practices", score("best-practices"), 100, "", is_floor=True),
        Bar("largest contentful paint", value("largest-contentful-paint"), 1200, "ms"),
        Bar("cumulative layout shift", value("cumulative-layout-shift"), 0, ""),
        Bar("first view, all of it", kilobytes("total"), 60, "KB"),
        Bar("from third parties", kilobytes("third-party"), 0, "KB"),
    ]


if __name__ == "__main__":
    main()
