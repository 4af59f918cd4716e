"""The console over scripted answers, as a process of its own: python -m tests.console_child HISTORY_FILE"""

import sys
from pathlib import Path

from bot.console.chat import run
from tests.scripted import ScriptedAnswers

if __name__ == "__main__":
    sys.exit(run(ScriptedAnswers(), history_file=Path(sys.argv[1])))
