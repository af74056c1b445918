"""`python -m trinax`: the same commands as `trinax`."""

from trinax.cli import main

if __name__ == "__main__":
    main()
