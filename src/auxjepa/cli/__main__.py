"""Entry point of ``python -m auxjepa.cli``."""

import sys

from auxjepa.cli import main

sys.exit(main())
