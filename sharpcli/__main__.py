"""`python -m sharpcli`."""

from sharpcli.cli.main import main

main()
