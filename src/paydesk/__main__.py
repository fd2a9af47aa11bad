"""`python -m paydesk` is the same program as `paydesk`."""

from paydesk.cli.main import main

if __name__ == "__main__":
    main()
