"""The command line: what each command needs is loaded when it runs, so that `ask` starts quickly."""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import reports
from bot.console import sentences
from bot.console.paint import visible
from bot.logs import set_up_logging
from bot.options import build_parser
from bot.process import end_in_order, give_way, keep_heaps_few
from config import Settings, SettingsError, load_settings
from index.errors import CitegramError, IndexingError, QuestionError

if TYPE_CHECKING:  # at run time it would load the engine
    from index.indexer import Report

ANSWERED, FAILED, MISUSED, ABSTAINED, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit statuses: done or answered; could not; wrong arguments, settings or question; the documents don't say;
Ctrl-C."""

SPENT_DAYS = 30
"""For so long back, what a language model cost is added up."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status. A person's mistake ends in a sentence on stderr."""
    keep_heaps_few()
    print_every_letter()
    options = build_parser().parse_args(arguments)
    try:
        settings = load_settings(seeds_dir=getattr(options, "seeds", None), data_dir=options.data)
        set_up_logging(settings, options.command)
        status = RUN[options.command](options, settings)
        print(end="", flush=True)  # so that a closed pipe is noticed here and not at exit
    except (SettingsError, CitegramError) as error:
        print(f"citegram: {visible(str(error))}", file=sys.stderr)
        misused = isinstance(error, SettingsError | QuestionError)
        return int(getattr(error, "exit_status", MISUSED if misused else FAILED))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return status


def run_index(options: argparse.Namespace, settings: Settings) -> int:
    from bot.following import follow
    from bot.progress import progress_bar
    from index.building import build_indexer

    give_way()
    end_in_order()
    indexer = build_indexer(settings)

    def sync(*, full: bool = False) -> "Report":
        with progress_bar() as progress:
            return indexer.sync(full=full, progress=progress)

    print(reports.sync_report(sync(full=options.full)), flush=True)
    if options.watch or options.every is not None:
        follow(sync, settings.seeds_dir, watching=options.watch, minutes=options.every, hear=tell_sync)
    return ANSWERED


def tell_sync(heard: "Report | IndexingError") -> None:
    """What came of a sync that nobody asked for: no word where nothing had changed."""
    if isinstance(heard, IndexingError):
        print(f"citegram: {visible(str(heard))}", file=sys.stderr)
    elif heard.published:
        print(reports.sync_report(heard), flush=True)


def run_ask(options: argparse.Namespace, settings: Settings) -> int:
    if bool(options.question) == (options.file is not None):
        options.usage_error("give either a question or --file FILE")
    return ask_file(options, settings) if options.file else ask_one(options, settings)


def ask_one(options: argparse.Namespace, settings: Settings) -> int:
    from bot.answer_json import answer_json
    from index.wiring import build_answerer

    with closing(build_answerer(settings)) as answerer:
        answer = answerer.answer(" ".join(options.question))
    print(as_json(answer_json(answer)) if options.json else reports.answer_report(answer))
    return ANSWERED if answer.answered else ABSTAINED


def ask_file(options: argparse.Namespace, settings: Settings) -> int:
    """Every question of the file gets its line, in order, also one that cannot be searched for."""
    from bot.answer_json import answer_json
    from bot.questions import answer_or_reason, read_questions
    from index.wiring import build_answerer

    questions = read_questions(options.file)
    with closing(build_answerer(settings)) as answerer:
        for asked in questions:
            answer = answer_or_reason(answerer, asked.text)
            if options.json:
                print(as_json(answer_json(answer, question_id=asked.id)), flush=True)
            else:
                print(f"{asked.text}\n\n{reports.answer_report(answer)}\n", flush=True)
    return ANSWERED


def run_eval(options: argparse.Namespace, settings: Settings) -> int:
    if (options.questions is None) == (options.make is None):
        options.usage_error("give either QUESTIONS.jsonl or --make N")
    return make_questions(options, settings) if options.make else evaluate(options, settings)


def make_questions(options: argparse.Namespace, settings: Settings) -> int:
    from bot.evaluation.drafting import draft
    from bot.progress import progress_bar
    from index.wiring import build_answerer

    with closing(build_answerer(settings)) as answerer, progress_bar() as progress:
        lines = draft(answerer, options.make, progress=progress)
    for line in lines:
        print(as_json(line))
    if len(lines) < options.make:
        print(f"citegram: The documents gave {len(lines)} of the {options.make} questions.", file=sys.stderr)
    return ANSWERED


def evaluate(options: argparse.Namespace, settings: Settings) -> int:
    """Every file is looked at before the first question is asked; the figures are printed before anything may fail."""
    from bot.evaluation import asking, comparison, files, floors, questions, records, report, summary
    from bot.progress import progress_bar
    from index.wiring import build_answerer

    asked = questions.read_questions(options.questions)
    asked_for = floors.read_floors(options.floors) if options.floors else ()
    earlier = records.read_recorded(options.against) if options.against else None
    if options.report:
        files.check_writable(options.report)
    with closing(build_answerer(settings)) as answerer, progress_bar() as progress:
        run = asking.ask_all(asked, answerer, now=datetime.now(UTC), progress=progress)
    record = records.record(run)
    compared = comparison.compare(earlier, records.recorded(record)) if earlier else None
    if options.json:
        print(as_json(record | ({"against": comparison.comparison_record(compared)} if compared else {})))
    else:
        print(summary.summary(run, compared))
    if options.report:
        files.write_page(options.report, report.report(run, compared))
    missed = floors.missed(asked_for, run.figures)
    print(*(f"citegram: {sentence}" for sentence in missed), sep="\n", end="\n" if missed else "", file=sys.stderr)
    return FAILED if missed else ANSWERED


def run_console(options: argparse.Namespace, settings: Settings) -> int:
    from platformdirs import user_state_path

    from bot.console import chat
    from index.wiring import build_answerer

    with closing(build_answerer(settings)) as answerer:
        answerer.status()  # a missing or damaged index is told before the first question
        return chat.run(answerer, history_file=user_state_path("citegram") / "history")


def run_bot(options: argparse.Namespace, settings: Settings) -> int:
    from bot import serving

    serving.serve(settings, webhook=options.webhook)
    return ANSWERED


def run_migrate(options: argparse.Namespace, settings: Settings) -> int:
    """A bot that starts does so too. Where several do, it is done once beforehand."""
    import asyncio

    from bot.database import address_of, open_database

    async def opened() -> None:
        async with open_database(address_of(settings)):
            pass

    asyncio.run(opened())
    print(sentences.MIGRATED)
    return ANSWERED


def run_feedback(options: argparse.Namespace, settings: Settings) -> int:
    import asyncio

    from bot import feedback
    from bot.database import address_of, open_database
    from bot.evaluation import files

    if options.export:
        files.check_writable(options.export)

    async def votes() -> tuple[feedback.Vote, ...]:
        async with open_database(address_of(settings)) as database:
            return await feedback.Feedback(database).votes()

    cast = asyncio.run(votes())
    print(feedback.summary(cast))
    if options.export:
        exported = feedback.lines(cast)
        files.write_page(options.export, "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in exported))
        print(
            f"{len(exported)} questions are in {options.export}; those voted bad wait for what is right: docs/eval.md"
        )
    return ANSWERED


def run_status(options: argparse.Namespace, settings: Settings) -> int:
    from index.wiring import build_answerer

    with closing(build_answerer(settings)) as answerer:
        writer = answerer.writer_name
        print(visible(sentences.status(answerer.status(), writer=writer)), flush=True)
    if writer:
        print_spent(settings)
    return ANSWERED


def print_spent(settings: Settings) -> None:
    """What the language model cost, where the bot has run before."""
    import asyncio

    from bot.database import address_of, is_there, open_database
    from bot.spending import Spending, Spent

    async def read() -> tuple[Spent, Spent] | None:
        address = address_of(settings)
        if not await is_there(address):
            return None
        async with open_database(address) as database:
            spending = Spending(database)
            return await spending.in_all(), await spending.in_all(days=SPENT_DAYS)

    if spent := asyncio.run(read()):
        print(sentences.spent(*spent, days=SPENT_DAYS))


def run_backup(options: argparse.Namespace, settings: Settings) -> int:
    from bot.backup import contents, making, reports

    places = contents.places_of(settings)
    made = making.back_up(
        places, options.target, vectors=options.with_vectors, seeds=options.with_seeds, force=options.force
    )
    print(visible(reports.made_report(made)))
    return ANSWERED


def run_restore(options: argparse.Namespace, settings: Settings) -> int:
    from bot.backup import contents, reports, restoring

    places = contents.places_of(settings)
    restored = restoring.restore(places, options.source, force=options.force)
    print(reports.restored_report(restored), flush=True)
    if left := reports.left_alone(restored, places.database):
        print(f"citegram: {left}", file=sys.stderr)
    return FAILED if left else ANSWERED


def run_doctor(options: argparse.Namespace, settings: Settings) -> int:
    from bot.doctor import examination

    found = []
    for finding in examination.examine(settings):
        found.append(finding)
        if not options.json:
            print(examination.line(finding), flush=True)
    if options.json:
        print(as_json(examination.as_record(found)))
    return ANSWERED if all(finding.ok for finding in found) else FAILED


def as_json(value: dict[str, Any]) -> str:
    """In letters where stdout has them all, else in escapes, which mean the same to whoever parses it."""
    return json.dumps(value, ensure_ascii=not (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf"))


def print_every_letter() -> None:
    """A letter that the terminal's encoding lacks is printed as an escape, as on stderr, and never ends the program."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


RUN: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
    "index": run_index,
    "ask": run_ask,
    "eval": run_eval,
    "console": run_console,
    "bot": run_bot,
    "migrate": run_migrate,
    "feedback": run_feedback,
    "status": run_status,
    "backup": run_backup,
    "restore": run_restore,
    "doctor": run_doctor,
}
