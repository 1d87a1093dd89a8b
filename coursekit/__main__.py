"""`python -m coursekit` is the command line, which is how torchrun starts it."""

from coursekit.cli import main

if __name__ == "__main__":
    main()
