"""`paydesk merchant` at a terminal."""

import json
import subprocess
import sys

import pytest

from images import png


@pytest.fixture
def mine(server):
    return "--merchant", server.new_merchant("Terminal shop")["merchant"]


def said(server, *words):
    return json.loads(server.command("merchant", *words).stdout)


def test_a_new_merchant_can_take_a_payment_at_once(server):
    made = server.new_merchant("Second shop")
    assert made["base_url"] == server.base_url
    merchant = server.merchant_with(made["test"])
    assert merchant.create()["page_url"].startswith(server.base_url)
    assert merchant.http.get("/merchant").json()["result"]["id"] == made["merchant"]


def test_a_change_is_made_to_both_accounts_or_the_one_named(server, mine, tmp_path):
    logo = tmp_path / "logo.png"
    logo.write_bytes(png(3, 4))
    changed = said(
        *(server, "set", "--name", "Karoo", "--logo", str(logo), "--brand", "#00dc82"),
        *("--vat-vendor", "--vat-number", "4123456789", *mine),
    )
    assert changed["test"]["logo_url"].startswith(f"{server.base_url}/logos/")
    assert {account["name"] for account in changed.values()} == {"Karoo"}
    said(server, "set", "--live", "--signed-forms-only", "--logo", "", *mine)
    shown = said(server, "show", *mine)
    assert [shown[mode]["policies"]["signed_forms_only"] for mode in ("test", "live")] == [
        False,
        True,
    ]
    assert shown["live"]["logo_url"] is None
    assert shown["live"]["customization"]["brand"]["primary"] == "#00dc82"
    assert said(server, "show", "--test", *mine) == {"test": shown["test"]}


def test_every_look_that_the_api_knows_is_set_here_too(server, mine):
    looks = {
        "--locale": "af",
        "--number-style": "1,200.00",
        "--theme": "dark",
        "--type": "embed",
        "--brand": "#00dc82",
        "--brand-logo": "none",
        "--radius": "large",
        "--font": "serif",
    }
    hidden = ("--no-display-cancel-button", "--no-display-total", "--no-display-cart")
    words = [word for pair in looks.items() for word in pair]
    shown = said(server, "set", "--test", *words, *hidden, *mine)["test"]["customization"]
    brand = shown.pop("brand")
    assert sorted(map(str, [*shown.values(), *brand.values()])) == sorted(
        [*looks.values(), *["False"] * len(hidden)]
    )
    cleared = said(server, "set", "--test", "--type", "", "--brand-logo", "", *mine)["test"]
    assert cleared["customization"]["type"] is None
    assert cleared["customization"]["brand"] == {**brand, "logo": None}


def test_a_merchant_is_named_by_the_name_payers_see_too(server):
    made = server.new_merchant("Karoo Roasters")["merchant"]
    named = ("--merchant", "Karoo Roasters")
    assert said(server, "show", *named)["live"]["id"] == made
    said(server, "set", "--name", "Great Karoo Roasters", *named)
    assert said(server, "show", "--merchant", "Great Karoo Roasters")["test"]["id"] == made
    unknown = server.command("merchant", "show", "--merchant", "karoo roasters", is_refused=True)
    assert "no merchant with this id or name" in unknown.stderr


def test_two_of_one_name_are_told_apart_by_their_ids(server):
    made = [server.new_merchant("Twin shop")["merchant"] for _ in range(2)]
    refused = server.command("merchant", "show", "--merchant", "Twin shop", is_refused=True)
    for id_ in made:
        assert f"--merchant {id_}  Twin shop" in refused.stderr


def test_an_origin_is_allowed_and_no_more(server, mine):
    allow = ("merchant", "allow-origin")
    allowed = server.command(*allow, "https://Karoo.example/", *mine)
    assert allowed.stdout == "test: https://karoo.example\nlive: https://karoo.example\n"
    assert "To end that: paydesk merchant set --signed-forms-only" in allowed.stderr
    local = server.command(*allow, "http://localhost:3000", "--test", *mine).stdout
    assert local == "test: https://karoo.example, http://localhost:3000\n"
    gone = server.command(*allow, "https://karoo.example", "--remove", *mine)
    assert gone.stdout == "test: http://localhost:3000\nlive: no origins\n"
    assert gone.stderr == ""


def test_an_origin_may_embed_and_no_more(server, mine):
    embed = ("merchant", "embed-origin")
    named = server.command(*embed, "https://Karoo.example/", *mine)
    assert named.stdout == "test: https://karoo.example\nlive: https://karoo.example\n"
    shown = said(server, "show", "--test", *mine)["test"]
    assert shown["embed_origins"] == ["https://karoo.example"]
    assert shown["allowed_origins"] == []
    gone = server.command(*embed, "https://karoo.example", "--remove", "--live", *mine)
    assert gone.stdout == "live: no origins\n"


def test_who_takes_signed_forms_only_is_not_told_of_unsigned_ones(server, mine):
    said(server, "set", "--signed-forms-only", *mine)
    allowed = server.command("merchant", "allow-origin", "https://karoo.example", *mine)
    assert allowed.stderr == ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("set", "--vat-number", "1"), "vat_number: A VAT number has 10 digits"),
        (("set", "--vat-vendor"), "vat_number: A VAT vendor has a VAT number"),
        (("set", "--logo", __file__), "logo: A logo is a PNG"),
        (("set", "--type", "popup"), "customization.type: The type is page or embed."),
        (("set", "--brand-logo", "logo.png"), "brand.logo: The logo is account or none."),
        (("set", "--logo", "missing.png"), "missing.png can't be read"),
        (("allow-origin", "http://shop.example"), "https://"),
        (("embed-origin", "http://shop.example"), "https://"),
        (("embed-origin", "https://shop.example/cart"), "An origin is written such as"),
        (("allow-origin", "http://localhost:1"), "https://"),
        (("show", "--merchant", "mer_unknown"), "no merchant with this id"),
    ],
)
def test_what_can_t_be_done_is_said_plainly(server, words, why):
    first = server.merchant().http.get("/merchant").json()["result"]["id"]
    chosen = () if "--merchant" in words else ("--merchant", first)
    refused = server.command("merchant", *words, *chosen, is_refused=True)
    assert why in refused.stderr
    assert "Traceback" not in refused.stderr


def test_one_of_several_merchants_has_to_be_named(server, mine):
    refused = server.command("merchant", "show", is_refused=True)
    assert f"--merchant {mine[1]}  Terminal shop" in refused.stderr


def test_a_folder_without_a_database_is_told_what_to_start(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "paydesk", "merchant", "show", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "Start `paydesk serve` first" in ran.stderr
