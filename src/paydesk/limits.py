"""Every bound in the system, with its unit in the name and its reason beside it.

`docs/limits.md` lists them all; a test compares the two.
"""

# Requests. Sources: reliability paper WEB-15; design §4.
BODY_BYTES_MAX = 256 * 1024  # a full create body is 3 KB; a hundred items with metadata fit well
PAY_BODY_BYTES_MAX = 16 * 1024  # a card form is under 1 KB
JSON_DEPTH_MAX = 32  # deeper nesting has no use here and feeds recursion
HEADER_SECONDS_MAX = (
    10  # a client that has not sent its request line and headers by then is cut off
)
BODY_SECONDS_MAX = 20  # likewise its body: 256 KiB at 13 KB/s
KEEP_ALIVE_SECONDS = 30  # an idle kept connection; longer than common proxies reuse one
IDEMPOTENCY_KEY_LENGTH_MAX = 255  # the draft's figure
IDEMPOTENCY_KEPT_SECONDS = 48 * 3600  # published in docs/api.md; MON-2 asks for 24 h or more
API_RATE_PER_SECOND = 100  # reference, section 1: 100 requests per second

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
PAYMENT_METHODS_MAX = 50
CARD_IDS_MAX = 50
AMOUNT_DIGITS_MAX = 12  # before the decimal point: a thousand billion, far inside bigint
IDEMPOTENCY_LOCK_SECONDS = 5  # how long a duplicate waits for the first before it is told 409

# Payment.
PAY_ANSWER_SECONDS_MAX = 8  # the payer sees the processing page after that; design §5
FAILED_ATTEMPTS_MAX = 5  # card testing gets five tries at one checkout; ABU-1
SUBMITTING_GRACE_SECONDS = 5  # past the acquirer's time-out: then a silent attempt is taken up
CARD_NAME_LENGTH_MAX = 100
SECURITY_CODE_SECONDS_MAX = 15 * 60  # CVV life in the vault's memory; CRD-2
UNSAVED_CARD_SECONDS_MAX = 3600  # how long the vault keeps a number nobody asked to save

# Webhooks. Source: WHK-5.
WEBHOOK_DNS_SECONDS_MAX = 3
WEBHOOK_CONNECT_SECONDS_MAX = 5
WEBHOOK_TOTAL_SECONDS_MAX = 15
WEBHOOK_ANSWER_BYTES_MAX = 64 * 1024
WEBHOOK_ANSWER_HEADER_BYTES_MAX = 16 * 1024
WEBHOOK_ANSWER_KEPT_BYTES = 1024  # of the answer's body, for the delivery log
WEBHOOK_RETRY_AFTER_SECONDS_MAX = 3600
WEBHOOK_ENDPOINT_CONCURRENCY = 4  # deliveries at once to one host and port; WHK-7
WEBHOOK_BATCH = 50  # deliveries leased by one statement
WEBHOOK_LEASE_SECONDS = 30  # twice the longest delivery: a dead worker's batch is taken over then
WEBHOOK_RETRY_JITTER_PERCENT = 20

# Programs.
DATABASE_STATEMENT_SECONDS_MAX = 10  # no statement of ours takes a tenth of that
DATABASE_LOCK_SECONDS_MAX = 5
STOP_SECONDS_MAX = 15  # in-flight work gets this long after SIGTERM, inside the promised 20
SWEEP_SECONDS = 1  # how often the worker looks for what time has done
