"""`make bench`: what Paydesk can do, beside the limits of the machine it runs on."""
