import sys

from jubako.cli.language import Language

from .app import serve
from .setup import Setup

serve(Language(sys.argv[1]), Setup(), None, int(sys.argv[2]), False)
