"""3-D Secure: whether the card's issuer says that the payer is its holder."""
