"""Which card numbers belong to the sandbox acquirer: taken in test mode only, refused live."""

TEST_NUMBERS = frozenset(
    {
        "4242424242424242",  # approved
        "5555555555554444",  # approved
        "378282246310005",  # approved
        "4000000000000002",  # declined
        "4000000000009995",  # insufficient funds
        "4000000000000069",  # expired card
        "4000000000000127",  # wrong security code
    }
)

# The digits after these eight say how acquirer, directory server and issuer behave.
# Source: reliability paper A.11.
SCHEME_PREFIXES = ("40000012", "52000012")


def is_test_number(number: str) -> bool:
    """Whether these digits are a sandbox card, given that their check digit is right."""
    return number in TEST_NUMBERS or (len(number) == 16 and number.startswith(SCHEME_PREFIXES))
