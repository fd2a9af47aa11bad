"""The other side of the wire: programs that play acquirer, each with a log of its own."""
