"""Every bound in the system, with its unit in the name and its reason beside it.

`docs/limits.md` lists them all; a test compares the two.
"""

# Requests. Sources: reliability paper WEB-15; design §4.
BODY_BYTES_MAX = 256 * 1024  # a full create body is 3 KB; a hundred items with metadata fit well
PAY_BODY_BYTES_MAX = 32 * 1024  # a card form is under 1 KB, with two addresses under 10
FORM_INPUTS_MAX = 2000  # of a Checkout Form: a hundred items with a dozen inputs each, and room
JSON_DEPTH_MAX = 32  # deeper nesting has no use here and feeds recursion
EVENT_DEPTH_MAX = 40  # what was read at that depth, and the event around it
HEADER_SECONDS_MAX = (
    10  # a client that has not sent its request line and headers by then is cut off
)
BODY_SECONDS_MAX = 20  # likewise its body: 256 KiB at 13 KB/s
KEEP_ALIVE_SECONDS = 30  # an idle kept connection; longer than common proxies reuse one
IDEMPOTENCY_KEY_LENGTH_MAX = 255  # the draft's figure
IDEMPOTENCY_KEPT_SECONDS = 48 * 3600  # published in docs/api.md; MON-2 asks for 24 h or more
API_RATE_PER_SECOND = 100  # reference, section 1: 100 requests per second

FAULTS_MAX = 100  # told in one answer; a small body of many empty items has thousands
BATCH_RECORDS_MAX = 100  # of one batch; each is a row or a few in one transaction
LIST_LIMIT_MAX = 100  # entries of one page of a list; design §4
LIST_LIMIT = 25  # where the caller names none

# Fields of a checkout. Lengths with a source in the reference's table carry no comment.
TEXT_LENGTH_MAX = 1000  # strings for which the reference names no length
REFERENCE_LENGTH_MAX = 35
ID_LENGTH_MAX = 32
COMPANY_NAME_LENGTH_MAX = 64
PERSON_NAME_LENGTH_MAX = 32
ID_NUMBER_LENGTH_MAX = 13
EMAIL_LENGTH_MAX = 128
PHONE_LENGTH_MAX = 16
URL_LENGTH_MAX = 2048  # what browsers and proxies carry without harm
ORDER_ITEMS_MAX = 100
ITEM_QUANTITY_MAX = 1_000_000  # a count that still multiplies safely with the largest amount
METADATA_KEYS_MAX = 50
METADATA_KEY_LENGTH_MAX = 64
METADATA_BYTES_MAX = 8 * 1024  # as compact JSON
NAMES_MAX = 50  # payment methods, cards or fields named in one list
EXPIRES_IN_MINUTES_MIN = 5
EXPIRES_IN_MINUTES_MAX = 43_200  # thirty days
EXTENSION_SECONDS = 15 * 60  # each time a payer asks for more: enough to fetch a card and type it
EXTENSIONS_MAX = 10  # of one checkout; WCAG 2.2.1 asks for ten
EXTENSION_OFFERED_SECONDS = 5 * 60  # before the end; WCAG 2.2.1 asks for 20 s, we for 2 min
CHECKOUT_MOVES_MAX = 1000  # then it can't be changed any more; each change is a row of history
AMOUNT_DIGITS_MAX = 12  # before the decimal point: a thousand billion, far inside bigint

# What an account says of its merchant.
LOGO_BYTES_MAX = 100 * 1024  # it loads before the payer's eyes, on a phone too
LOGO_SIDE_PIXELS_MAX = 2000  # it is shown 40 pixels high; a picture far larger only eats memory
KEY_NAME_LENGTH_MAX = 64  # a key's name says where it is used
KEY_OVERLAP_HOURS_MAX = 720  # thirty days to put a new key in place; longer ones are two keys

# Payment.
PAY_ANSWER_SECONDS_MAX = 8  # the payer sees the processing page after that; design §5
FAILED_ATTEMPTS_MAX = 5  # card testing gets five tries at one checkout; ABU-1
BANK_PAGE_SECONDS = 30 * 60  # at the payer's bank: to log in, find the app, and agree
SCAN_SECONDS = 10 * 60  # for a code on a screen; the payer sits before it
CHARGE_HOUR = 6  # South African time: salaries that arrive overnight are there
CHARGE_RETRIES_MAX = 10  # of one charge; card schemes allow 15 tries in 30 days
CARD_NOTICE_DAYS = 30  # before a card's end, where a recurring charge comes after it
REMINDER_SWEEP_SECONDS = 60  # a mail about a day to come can wait a minute
CHARGE_AGAIN_SECONDS = 3600  # after a try that no issuer heard of
CHARGES_TOGETHER = 32  # of one worker at the acquirer at a time
LANGUAGE_LOOK_MAX = 100  # a customer's latest attempts, of which one may tell their language
SCHEDULE_YEARS_MAX = 30  # ahead; what is later is a slip
TRANSFER_SECONDS = 3 * 86_400  # for money sent by hand: between banks it takes up to two days
HANDOVER_SECONDS_MIN = 120  # at the bank, for who begins just before the checkout's end
SUBMITTING_GRACE_SECONDS = 5  # past the acquirer's time-out: then a silent attempt is taken up
LAPSES_TOGETHER = 10  # calls to acquirers at once that let go of uncaptured amounts
LAPSE_TRIES_MAX = 24  # then a person has to find out why the acquirer refuses
LAPSE_RETRY_SECONDS = 3600  # before letting go of an uncaptured amount is tried once more
AREQ_SECONDS_MAX = 10  # for a directory server's answer, typically there after 2; paper A.8
AREQ_GRACE_SECONDS = 10  # past that an unanswered question is given up: its asker has died
METHOD_GRACE_SECONDS = 5  # past the method's own time: the payer's page has gone
RESULT_SHOWN_SECONDS = 10  # after a challenge: then the payer is told that it may take a while
SECURITY_CODE_ASKED_SECONDS_MAX = 15 * 60  # to enter it again; then the attempt is given up
NOTICE_BYTES_MAX = 16 * 1024  # of a bank's notice, which is under 1 KB
THREEDS_BODY_BYTES_MAX = 64 * 1024  # of a message or form from an issuer, which are under 4 KB
RANGES_SECONDS_MAX = 30  # to fetch a directory server's card ranges; none waits for it
RANGES_BYTES_MAX = 64 * 1024 * 1024  # schemes' lists have some 100,000 ranges of 300 bytes
RANGES_FRESH_SECONDS = 12 * 3600  # half of the age that a list may have; 3DS-14
RANGES_FIRST_TRIES_MAX = 50  # 0.1 s apart, while a directory server is still starting
RANGES_RETRY_SECONDS = 2  # a directory server that was away is asked again
MESSAGE_SWEEP_BATCH = 10_000  # messages of 3-D Secure forgotten by one statement
CARD_NAME_LENGTH_MIN = 2  # acquirers refuse shorter ones; payer-page paper A3
CARD_NAME_LENGTH_MAX = 100
CARD_EXPIRY_YEARS_MAX = 20  # no card is issued for longer; a farther year is a slip
PAY_FORM_FIELDS_MAX = 48  # the largest form has 28; browser add-ons may put in a few
PAY_FIELD_LENGTH_MAX = 256  # the inputs take 100 at most; more comes from no page of ours
SECURITY_CODE_SECONDS_MAX = 15 * 60  # CVV life in the vault's memory; CRD-2
UNSAVED_CARD_SECONDS_MAX = 3600  # how long the vault keeps a number nobody asked to save
SECURITY_CODES_MAX = 100_000  # in the vault's memory at once: 100 payers a second for 15 min
VAULT_CONNECTIONS_MAX = 8  # to the database; each statement takes under a millisecond
VAULT_ANSWER_SECONDS_MAX = 12  # for keeping a card: the database's longest statement and some
VAULT_RETRY_SECONDS = (0.2, 0.4, 0.8, 1.2, 1.6)  # a killed vault is back within that
VAULT_GRACE_SECONDS = 5  # for the vault's own part of a forward, on top of the acquirer's time
VAULT_SOCKET_PATH_BYTES_MAX = 103  # what the strictest system we run on allows (104 with its NUL)
VAULT_CONNECT_SECONDS_MAX = 2  # to the vault's socket on the same machine
VAULT_KEEP_ALIVE_SECONDS = 300  # longer than its clients', so that only they close idle ones
# How long it keeps one whose payer wants it saved: until the payment's outcome is known.
CARD_TO_SAVE_SECONDS_MAX = 7 * 24 * 3600
SAVED_CARDS_MOVED_BATCH = 500  # to the other shelf by one statement, so that a destroyed one leaves
CARD_EXPIRE_MONTHS_MAX = 240  # how far ahead GET /cards looks for cards that expire
CARD_NICKNAME_LENGTH_MAX = 64  # the reference
CARDS_SHOWN_MAX = 10  # of a customer's saved cards on the page, the default and the latest
CARD_LOOK_GRACE_SECONDS = 60  # after which a card that the vault was not told of is looked at again
CARD_LOOKS_BATCH = 100  # looked for by one statement
CARD_SWEEP_SECONDS = 60  # how often the vault forgets cards past their time
CARD_SWEEP_BATCH = 10_000  # forgotten by one statement
CARD_SHELF_SECONDS = 900  # cards of a quarter of an hour stand together, and leave the disk so
CARD_SHELVES = 6  # an hour of cards, the shelf being filled, and one to spare
MASTER_KEY_VERSION_MAX = 32_767  # the column's; one change a day lasts for ninety years
REWRAP_BATCH = 500  # cards of one step; between the steps payments go on

# Card testing. Counted cards are different ones that failed. Source: reliability paper 3.6.
ATTEMPT_PAUSE_SECONDS_MAX = 8  # between attempts of a checkout it grows 1, 2, 4, 8 s; ABU-1
GUARD_WINDOW_SECONDS = 600  # how far back failures count, and how long a level stays after the last
GUARD_SLOW_WINDOW_SECONDS = 3600  # the same of one card, and of a merchant for its level
GUARD_KEPT_SECONDS = 2 * 3600  # then nothing looks back at an attempt, and it is forgotten
GUARD_ADDRESS_CARDS_MAX = 6  # failed from one address: a household at the end of the month has 3
GUARD_ADDRESS_OPEN_MAX = 20  # under way from one address at once: an office of honest payers
GUARD_NETWORK_CARDS_MAX = 20  # failed from a /24, which may be a town's mobile network
GUARD_EMAIL_CARDS_MAX = 10  # of one e-mail: some shops give all their guests the same
GUARD_BIN_CARDS_MAX = 12  # of one BIN at a merchant; from there on issuers are asked to challenge
GUARD_CARD_FAILURES_MAX = 10  # of one card at a merchant: two checkouts' worth of tries
GUARD_COUNT_MAX = 25  # failures of one card are counted so far: above its bound, and cheap
GUARD_OPEN_LOOKED_AT = 20  # newest attempts of an address, of which those under way are counted
GUARD_LOOKED_AT = 1000  # latest attempts among which those that are decided are sought
GUARD_LEFT_OPEN_SECONDS = 180  # an issuer's challenge: left open for longer, it counts as failed
GUARD_SAMPLE = 100  # latest attempts at a merchant, or from one place, that are looked at
GUARD_SPREAD_SAMPLE = 200  # likewise of all merchants
GUARD_FAILED_PERCENT = 50  # of the sample have to fail; a shop on an ordinary day has 5 to 15
GUARD_WORK_CARDS = 8  # failed at a merchant: then cards come with a proof of work
GUARD_AUTHENTICATION_CARDS = 16  # then issuers are asked to challenge; ABU-3 asks for it by 20
GUARD_PAUSE_CARDS = 30  # declined by the acquirer all the same: then new cards are paused
GUARD_ALIKE_PERCENT = 80  # of failed cards share a BIN or expiry: a range is being run through
GUARD_SPREAD_MERCHANTS = 3  # with failed cards: then all merchants' attempts are judged together
GUARD_SPREAD_WORK_CARDS = 12  # failed everywhere
GUARD_SPREAD_AUTHENTICATION_CARDS = 24  # failed everywhere
GUARD_MOSTLY_FAILED_PERCENT = 66  # of the sample fail: then 12 are enough, which chance never gives
WORK_BITS = (0, 13, 14, 14)  # zero bits by level: 8,000 and 16,000 tries, under 2 s on a phone
WORK_SECONDS_MAX = 300  # a challenge is good for that long; ABU-4
WORK_DIGITS_MAX = 9  # of the number that solves it: 60,000 times what it takes on average
TURN_SECONDS = 6  # for each card without a proof of work, from one address at one merchant
TURNS_WAITING_MAX = 4  # then the payer is asked to come back: no request waits half a minute
GUARD_SWEEP_BATCH = 10_000  # attempts forgotten by one statement
GUARD_SWEEP_SECONDS = 60  # between these statements: more than 100 attempts a second don't pile up

# Webhooks. Source: WHK-5.
WEBHOOK_DNS_SECONDS_MAX = 3
WEBHOOK_CONNECT_SECONDS_MAX = 5
WEBHOOK_TOTAL_SECONDS_MAX = 15
WEBHOOK_ANSWER_BYTES_MAX = 64 * 1024
WEBHOOK_ANSWER_HEADER_BYTES_MAX = 16 * 1024
WEBHOOK_ANSWER_KEPT_BYTES = 1024  # of the answer's body, for the delivery log
WEBHOOK_ANSWER_KEPT_HEADERS = 30  # likewise of its head, which has a dozen
WEBHOOK_ANSWER_KEPT_HEADER_LENGTH = 200  # of each header's value
WEBHOOK_RETRY_AFTER_SECONDS_MAX = 3600
WEBHOOK_ENDPOINT_CONCURRENCY = 4  # an account's deliveries at once to one host and port; WHK-7
WEBHOOK_ENDPOINT_AHEAD = 16  # leased for these slots in all, so that none of them stands empty
WEBHOOKS_IN_FLIGHT_MAX = 400  # of one worker, waiting for a slot or sent; below its connections
# Of these for one account, whose receivers may all be slow; the rest is left to others. WHK-7
WEBHOOKS_ACCOUNT_IN_FLIGHT_MAX = 200
WEBHOOKS_YOUNG_MAX = 20  # sent a moment ago and not noted: as many a killed worker's heir repeats
WEBHOOK_YOUNG_SECONDS = 0.25  # a receiver that takes longer is not waited for by others
WEBHOOK_BATCH = 50  # deliveries leased by one statement
WEBHOOK_LEASE_SECONDS = 30  # longer than waiting for a slot and the longest try together
WEBHOOK_RETRY_JITTER_PERCENT = 20
WEBHOOK_RETRIES_MAX = 3  # of the short schedule; the reference: "retried up to 3 times"
# 5 s, 5 and 30 min, 2, 5, 10, 14, 20 and 24 h: four days in all. Source: Standard Webhooks 1.0.
WEBHOOK_LONG_RETRY_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
WEBHOOK_BREAKER_WINDOW_SECONDS = 300  # how far back tries are counted; this and below: WHK-7
WEBHOOK_BREAKER_TRIES_MIN = 10  # fewer say nothing
WEBHOOK_BREAKER_FAILED_PERCENT = 70  # of them: then the endpoint is spared
WEBHOOK_PROBE_SECONDS = 60  # between single tries that see whether it answers again
WEBHOOK_TRIES_MAX = 1000  # of one webhook to one target; then it isn't sent again by hand
PINGS_AT_ONCE_MAX = 20  # of one web process; each may take as long as a webhook
WEBHOOK_RESEND_MAX = 10_000  # given-up deliveries that one call sends again
FEED_BATCH = 10_000  # events given their place in the feed by one statement
# A record that makes an event longer is told of by its id alone. Source: Standard Webhooks 1.0.
WEBHOOK_BODY_BYTES_MAX = 20_000
CHANGES_BATCH = 100  # records that changed, told of by one transaction
EVENT_SWEEP_BATCH = 1000  # dropped for their age by one transaction, with what is known of them
WEBHOOK_ENDPOINTS_MAX = 20  # of an account; each is sent every event
WEBHOOK_ENDPOINT_NAME_LENGTH_MAX = 64  # a name says whose it is
WEBHOOK_SECRET_OVERLAP_HOURS_MAX = 72  # three days to put a new secret in place; WHK-3

# Mails.
MAIL_BATCH = 10  # mails leased by one statement, and sent at once
MAIL_STEP_SECONDS_MAX = 15  # for each answer of the mail server
MAIL_SECONDS_MAX = 60  # for handing one mail on; servers look for spam before they answer
MAIL_LEASE_SECONDS = 120  # longer than writing and handing on a batch
MAIL_SUBJECT_LENGTH_MAX = 200  # more is cut off by every mail program
MAIL_FAILURE_LENGTH_MAX = 200  # of a mail server's words, for `paydesk mail list`
MAILS_KEPT_MAX = 1000  # files in the folder that stands in for a mail server
MAILS_LISTED_MAX = 100  # by `paydesk mail list`
# Sent or dead ones, for whoever asks where one is; they hold addresses. More than twice
# CARD_NOTICE_DAYS, as the row keeps a payer from being told of the same card again.
MAILS_KEPT_DAYS = 90
MAILS_SWEEP_BATCH = 1000  # deleted by one statement

# Invoices.
INVOICE_SHOWN_SECONDS = 15 * 60  # by the paid page; later its address alone shows no invoice

# Back at the shop.
REDIRECT_SECONDS = 5  # the paid page is read that long before it goes on to the shop
REDIRECT_WAIT_SECONDS = 5  # and so much longer if the shop has not taken the webhook by then
REDIRECT_WAIT_SECONDS_MAX = 30  # as long as an account may set it: payers think it is broken then

# Calls of ours to others: webhooks and acquirers.
OUTBOUND_ANSWER_HEADERS_MAX = 100  # with the parser's 8 KB each, under WHK-5's 1 MiB of memory
OUTBOUND_CONNECTIONS_MAX = 500  # per kind of guard; inside the usual 1,024 open files
# The shortest wait among common servers is 2 s (gunicorn). A connection the other side is about
# to close must not be used again: a payment sent into it would be of unknown outcome.
OUTBOUND_KEEP_ALIVE_SECONDS = 1.5
OUTBOUND_RESOLVER_THREADS_MAX = 64  # per kind of guard; a lookup blocks its thread

# Ways to pay.
ABBREVIATED_NAME_LENGTH_MAX = 8  # reference, section Payment methods: it fits on a statement
BANK_LINE_LENGTH_MAX = 60  # of a bank's or a holder's name; both fit on a phone in two lines
BANK_NUMBER_LENGTH_MAX = 34  # of an account or a branch; an IBAN is the longest there is

# Programs.
DATABASE_STATEMENT_SECONDS_MAX = 10  # no statement of ours takes a tenth of that
DATABASE_LOCK_SECONDS_MAX = 5
STOP_SECONDS_MAX = 15  # in-flight work gets this long after SIGTERM, inside the promised 20
SWEEP_SECONDS = 1  # how often the worker looks for what time has done
STATEMENT_SWEEP_SECONDS = 60  # how often for money at banks that no notice told of
STATEMENT_UNREAD_SECONDS_WARN = 600  # ten sweeps: it is no hiccup of the bank's
STATEMENT_PAGES_MAX = 1000  # read of one in one sweep; the next one goes on
ABANDON_SWEEP_SECONDS = 3  # how often for pages left alone: the one sweep that reads many rows
ABANDON_WINDOW_SECONDS = 600  # how far back it looks: what a stopped worker missed longer is left
STOP_TOTAL_SECONDS_MAX = 17  # then what still runs is killed, inside the promised 20
RESTART_PAUSE_SECONDS_MAX = 2  # between restarts of a program that keeps dying at once
PORT_SECONDS_MAX = 10  # a stopping predecessor gets this long to let go of the port
READY_SECONDS_MAX = 30  # a slow machine's first start; longer means something is wrong
LOG_BYTES_MAX = 64 * 1024 * 1024  # a log file larger than this is put aside at the next start
SOCKET_PATH_BYTES_MAX = 90  # of a socket's folder; the system allows 104 to 108 for the whole
POSTGRES_VERSION_MIN = 15  # design §2
POSTGRES_SECONDS_MAX = 15  # for starting, a predecessor's last checkpoint included
POSTGRES_RECOVERY_SECONDS_MAX = 600  # after a crash it replays up to 2 GB of its log first
POSTGRES_CONNECTIONS_MAX = 100  # two web processes, worker and vault use under 40
DISK_FREE_BYTES_MIN = 1024**3  # below this `paydesk doctor` warns: WAL alone may take 2 GB
CLOCK_SKEW_SECONDS_WARN = 1
CLOCK_SKEW_SECONDS_MAX = 5  # from here on expiry and signatures are judged wrongly

# The head of a request.
HEAD_BYTES_MAX = 32 * 1024  # what common proxies let through
HEADERS_MAX = 100
