"""Payers at the sandbox bank: what a person does on its pages, and what its log says it did."""

import re
from collections import Counter
from html import unescape

import httpx2

from world import Payer


class BankPayer(Payer):
    """A person without script who pays without a card."""

    def pay_by(self, method):
        url, data = self.prepared()
        self.page = self.post(url, {**data, "method": method})
        return self

    @property
    def bank_url(self):
        """Where the page sends the payer."""
        link = re.search(r'class="button" href="([^"]+/pay/[^"]+)"', self.page.text)
        return unescape(link[1])

    def at_bank(self, step):
        """Presses a button on the bank's page: the address that leads back."""
        done = httpx2.post(self.bank_url, data={"step": step})
        return unescape(re.search(r'<a href="([^"]+)">Back', done.text)[1])

    def come_back(self, url):
        self.page = httpx2.get(url, follow_redirects=True, timeout=30)
        return self

    def leave_bank(self):
        action, hidden = self.form('name="leave"')
        self.page = self.post(httpx2.URL(self.url).join(action), hidden)
        return self

    def send(self, amount, *, reference=None, sender="S. Ender", notify_url=None):
        """Sends money by hand, from the form that a test's page leads to."""
        link = unescape(re.search(r'href="([^"]+/transfer\?[^"]+)"', self.page.text)[1])
        url, _, query = link.partition("?")
        filled = {**httpx2.QueryParams(query), "amount": amount, "sender": sender}
        if reference is not None:
            filled["reference"] = reference
        if notify_url is not None:
            filled["notify_url"] = notify_url
        assert "on its way" in httpx2.post(url, data=filled).text
        return self


def bank_sums(log):
    """What the bank says is left of what came under each reference, in minor units."""
    asked, sums = {}, Counter()
    for line in log:
        match line["event"]:
            case "ask":
                asked[line["reference"]] = line["amount"]
            case "move" if line["state"] == "paid":
                sums[line["reference"]] += asked[line["reference"]]
            case "credit":
                sums[line["reference"]] += line["amount"]
            case "refund" if line["result"] == "done":
                sums[line["of"]] -= line["amount"]
    return {reference: amount for reference, amount in sums.items() if amount}


# What the books say the bank owes for each reference; not what only its merchant told of.
BOOKED_SUMS = """
    select coalesce(t.payer_reference, t.id) as reference, (sum(l.amount) - coalesce((
        select sum(d.amount) from deposits d
        where d.transaction_id = t.id and d.account_id = t.account_id and d.provider_id is null
    ), 0))::bigint as amount
    from transactions t
    join ledger_entries e on e.account_id = t.account_id and e.transaction_id = t.id
    join ledger_lines l on l.account_id = e.account_id and l.entry_id = e.id
    where t.method <> 'CARD' and l.book = 'acquirer'
    group by t.account_id, t.id
"""
