"""The grammar of the command line: commands, their options, and what --help says."""

import argparse
from pathlib import Path

from bot.version import VERSION

EPILOG = """\
exit status: 0 done, or answered; 1 it could not be done, a floor was missed or the doctor found something, and a
sentence says so; 2 a wrong argument, setting or question; 3 the documents don't say.  Settings come from the
environment and .env; .env.example lists them."""


def build_parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", metavar="DIR", type=Path, help="where the index is kept (DATA_DIR)")
    parser = argparse.ArgumentParser(
        prog="citegram",
        description="Answers from a folder of documents, each statement with the exact passage it stands on.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"citegram {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    index = commands.add_parser("index", parents=[common], help="bring the index in line with the documents folder")
    index.add_argument("--seeds", metavar="DIR", type=Path, help="the documents folder (SEEDS_DIR)")
    index.add_argument("--full", action="store_true", help="read everything and build it anew")
    index.add_argument("--watch", action="store_true", help="go on, and do so again whenever a document changes")
    index.add_argument("--every", metavar="MINUTES", type=minutes, help="go on, and do so again as often")

    ask = commands.add_parser("ask", parents=[common], help="answer one question, or a file of them")
    ask.add_argument("question", nargs="*", help="the question; in quotation marks where the shell needs them")
    ask.add_argument(
        "--file", metavar="FILE", type=Path, help="JSON lines with id and question, instead of one question"
    )
    ask.add_argument("--json", action="store_true", help="print JSON, one object a line")
    ask.set_defaults(usage_error=ask.error)

    add_eval(commands.add_parser("eval", parents=[common], help="how well it answers a file of your own questions"))
    commands.add_parser("console", parents=[common], help="chat on the terminal")
    bot = commands.add_parser("bot", parents=[common], help="chat on Telegram")
    bot.add_argument("--webhook", action="store_true", help="be called by Telegram at WEBHOOK_URL instead of asking it")
    commands.add_parser("migrate", parents=[common], help="make the bot's database, or bring it to this version")
    feedback = commands.add_parser("feedback", parents=[common], help="what people on Telegram think of the answers")
    feedback.add_argument(
        "--export", metavar="FILE.jsonl", type=Path, help="write their questions as a file for citegram eval"
    )
    commands.add_parser("status", parents=[common], help="what is indexed, and what the language model cost")
    add_backup(commands.add_parser("backup", parents=[common], help="put all that it keeps into one file"))
    add_restore(commands.add_parser("restore", parents=[common], help="go on from such a file"))
    doctor = commands.add_parser("doctor", parents=[common], help="what is wrong, and how to mend it")
    doctor.add_argument("--json", action="store_true", help="print everything as one JSON object")
    return parser


def add_backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE.zip", type=Path, help="the file to write")
    parser.add_argument("--seeds", metavar="DIR", type=Path, help="the documents folder (SEEDS_DIR)")
    parser.add_argument("--with-seeds", action="store_true", help="the documents too")
    parser.add_argument(
        "--with-vectors", action="store_true", help="the vector cache too, which a rebuild anew would need"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file")


def add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FILE.zip", type=Path, help="what citegram backup wrote")
    parser.add_argument("--seeds", metavar="DIR", type=Path, help="the documents folder (SEEDS_DIR)")
    parser.add_argument("--force", action="store_true", help="replace what is there")


def add_eval(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "questions",
        nargs="?",
        metavar="QUESTIONS.jsonl",
        type=Path,
        help="JSON lines with question, answers and evidence (docs/eval.md)",
    )
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")
    parser.add_argument("--report", metavar="FILE.html", type=Path, help="write a page with curves and tables too")
    parser.add_argument("--against", metavar="EARLIER.json", type=Path, help="compare with what --json printed then")
    parser.add_argument(
        "--floors", metavar="FILE.json", type=Path, help="figures to reach; exit status 1 where one is missed"
    )
    parser.add_argument(
        "--make",
        metavar="N",
        type=natural,
        help="draft N questions from the documents, as such a file, for you to correct",
    )
    parser.set_defaults(usage_error=parser.error)


def minutes(text: str) -> float:
    """For argparse: a time above nothing."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes")
    return value


def natural(text: str) -> int:
    """For argparse: how many, at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)
