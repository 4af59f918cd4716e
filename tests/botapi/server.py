"""The server: HTTP on loopback, and the test's hands on it."""

import asyncio
import inspect
import itertools
import re
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from .calling import call_webhooks
from .errors import RefusalError
from .faults import Fault, FaultQueue, RetryAfter, Storm
from .methods import BY_LOWER_NAME, METHODS
from .methods.messages import UPLOAD_LIMIT
from .pace import Pace
from .parameters import read_request, typed_arguments
from .people import TIMEOUT_SECONDS, Chat, ForumChat, GroupChat, PrivateChat, Topic
from .record import Record
from .state import ChatState, World
from .updates import UpdateQueue
from .values import Call, InlineQuery, Json, Message, Offered, User

_TOKEN = re.compile(r"\d+:[\w-]+")
_KEPT_CALLS, _KEPT_MESSAGES = 1000, 10  # by a forgetful server
_SHUTDOWN_SECONDS = 5.0  # for answers on their way; what waits is let go beforehand


class BotApi:
    """A Bot API server for one bot.

    `violations` lists the bot's own mistakes; `calls` all it asked. Privacy mode and inline mode are on unless switched
    off, and parse_mode is refused unless allowed, because the bot is to send entities. Where a bot says more than the
    limits allow (pace.py), that is a violation, unless it is not `paced`. For long runs a `forgetful` one keeps the
    latest calls and of each chat the latest messages only.
    """

    def __init__(
        self,
        *,
        token: str = "123456:TEST-TOKEN",
        username: str = "citegram_test_bot",
        name: str = "Citegram",
        privacy: bool = True,
        inline: bool = True,
        allow_parse_mode: bool = False,
        paced: bool = True,
        forgetful: bool = False,
    ) -> None:
        self.token = token
        self.url = ""
        self._record = Record(kept_calls=_KEPT_CALLS if forgetful else None)
        self._faults = FaultQueue()
        bot = User(id=int(token.partition(":")[0]), first_name=name, username=username, is_bot=True)
        self._world = World(
            bot=bot,
            record=self._record,
            updates=UpdateQueue(),
            privacy=privacy,
            inline=inline,
            allow_parse_mode=allow_parse_mode,
            kept_messages=_KEPT_MESSAGES if forgetful else None,
        )
        self._person_ids = itertools.count(5_000_000_001)
        self._chat_ids = itertools.count(1)
        self._taken: set[Call] = set()
        self.paced = paced
        self._pace = Pace()

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=2 * UPLOAD_LIMIT)
        application.router.add_route("*", "/bot{token}/{method}", self._answer)
        application.router.add_get("/file/bot{token}/documents/{place}", self._download)
        application.router.add_route("*", "/{anything:.*}", self._answer_unknown_path)
        self._runner = web.AppRunner(
            application, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_SECONDS, access_log=None
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._calling = asyncio.create_task(call_webhooks(self._world))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop. Those who still wait are let go first, or the server would wait for them."""
        self._world.updates.closed = True
        self._faults.clear()
        self._calling.cancel()
        await self._record.announce()
        await self._runner.cleanup()

    # The record

    @property
    def bot(self) -> User:
        return self._world.bot

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(self._record.calls)

    @property
    def violations(self) -> list[str]:
        return list(self._record.violations)

    @property
    def unused_faults(self) -> dict[str, int]:
        """How many queued faults no call has met yet, by method."""
        return self._faults.unused()

    def calls_of(self, method: str) -> tuple[Call, ...]:
        return tuple(call for call in self._record.calls if call.method == method)

    def content(self, message: Message) -> bytes:
        """What the file or the picture of a message holds."""
        kept = message.attachment[message.kind]
        return self._world.files[(kept if message.kind == "document" else kept[-1])["file_id"]].content

    def commands(self, *, scope: str = "default", language_code: str = "") -> dict[str, str]:
        """The bot's commands and their descriptions, as set for a scope and a language."""
        commands = self._world.commands.get((scope, language_code), [])
        return {item["command"]: item["description"] for item in commands}

    async def called(
        self,
        method: str,
        *,
        chat: Chat | None = None,
        topic: Topic | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        **parameters: Any,
    ) -> Call:
        """The next call of a method, with these parameters among its own; each call is handed out once."""
        wanted = dict(parameters)
        if chat is not None:
            wanted["chat_id"] = chat.id
        if topic is not None:
            wanted["message_thread_id"] = topic.id

        def find() -> Call | None:
            fresh = (call for call in self.calls_of(method) if call not in self._taken)
            return next((call for call in fresh if wanted.items() <= call.parameters.items()), None)

        call = await self._record.expect(find, f"call of {method} with {wanted}", timeout_seconds=timeout_seconds)
        self._taken.add(call)
        return call

    async def polled(self, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Wait until the bot waits for updates: it runs, and has taken (if not yet handled) all there were."""
        await self._record.expect(
            lambda: True if self._has_taken_all() else None, "bot that waits", timeout_seconds=timeout_seconds
        )

    def overhear(self, hear: Callable[[Message], None]) -> None:
        """Have every message of the bot told at the moment it arrives, which costs less than to wait for each."""
        self._world.overheard = hear

    def _has_taken_all(self) -> bool:
        queue = self._world.updates
        return not queue.pending() if self._world.webhook else queue.is_awaited

    # Faults

    def fail(self, method: str, fault: Fault, *, times: int = 1, chat: Chat | None = None) -> None:
        """Let the next calls of a method, or only those for a chat, meet a fault; faults of one method queue up."""
        if method not in METHODS:
            raise ValueError(f"no method {method}")
        self._faults.add(method, fault, times=times, chat=chat.id if chat else None)

    def storm(self, storm: Storm, *, spared: Iterable[Chat] = ()) -> None:
        """Let calls meet faults at random, but not those for some chats, until all is healed."""
        if unknown := storm.methods - METHODS.keys():
            raise ValueError(f"no methods {sorted(unknown)}")
        self._faults.storm = storm
        self._faults.spared = {chat.id for chat in spared}

    def heal(self) -> None:
        """Forget all queued faults and release all stalls."""
        self._faults.clear()

    # People and chats

    def user(self, first_name: str, *, username: str | None = None, language_code: str | None = None) -> User:
        person = User(id=next(self._person_ids), first_name=first_name, username=username, language_code=language_code)
        self._world.users[person.id] = person
        return person

    def private(self, person: User) -> PrivateChat:
        """A person's chat with the bot; there is one."""
        assert person.id not in self._world.chats, f"{person.first_name}'s chat exists already"
        state = self._world.add_chat(id=person.id, type="private", person=person, members={person.id: person})
        return PrivateChat(self._world, state)

    def group(self, title: str, *, members: Iterable[User], bot_is_administrator: bool = False) -> GroupChat:
        """A basic group."""
        chat_id = -(4_000_000_000 + next(self._chat_ids))
        return GroupChat(self._world, self._add_group(chat_id, "group", title, members, bot_is_administrator))

    def supergroup(self, title: str, *, members: Iterable[User], bot_is_administrator: bool = False) -> GroupChat:
        state = self._add_group(self._supergroup_id(), "supergroup", title, members, bot_is_administrator)
        return GroupChat(self._world, state)

    def forum(self, title: str, *, members: Iterable[User], bot_is_administrator: bool = False) -> ForumChat:
        """A supergroup with topics, as yet only General."""
        state = self._add_group(self._supergroup_id(), "supergroup", title, members, bot_is_administrator)
        state.is_forum = True
        return ForumChat(self._world, state)

    async def upgrade(self, group: GroupChat, *, by: User) -> GroupChat:
        """A basic group becomes a supergroup with the same people, under a new id; that one is returned."""
        old = self._world.chats[group.id]
        new = self.supergroup(old.title or "", members=old.members.values())
        state = self._world.chats[new.id]
        state.bot_status, state.administrators = old.bot_status, set(old.administrators)
        await group.become(new, by=by)
        return new

    # Inline mode

    async def type_inline(self, person: User, text: str) -> InlineQuery:
        """Type the bot's name and a text in some chat, and do not wait."""
        assert self._world.inline, "inline mode is off: Telegram asks the bot nothing"
        query = InlineQuery(id=str(6_000_000_000_000_000_000 + self._world.next_id()), person=person, text=text)
        self._world.open_inline[query.id] = query
        fields = {"id": query.id, "from": person.to_json(), "query": text, "offset": "", "chat_type": "group"}
        self._world.updates.push("inline_query", fields)
        await self._record.announce()
        return query

    async def offered(self, query: InlineQuery, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Offered:
        """What the bot offers for a query."""
        return await self._record.expect(
            lambda: self._world.offered.get(query.id),
            f"answer to the inline query {query.text!r}",
            timeout_seconds=timeout_seconds,
        )

    async def inline(self, person: User, text: str) -> Offered:
        """Type a text and look at the offers, which Telegram may have kept from before."""
        kept = self._world.kept_offer(person, text)
        return kept or await self.offered(await self.type_inline(person, text))

    def expire(self, query: InlineQuery) -> None:
        """Let a query grow too old to be answered."""
        self._world.open_inline.pop(query.id, None)

    def _supergroup_id(self) -> int:
        return -(1_002_000_000_000 + next(self._chat_ids))

    def _add_group(
        self, chat_id: int, kind: str, title: str, members: Iterable[User], bot_is_administrator: bool
    ) -> ChatState:
        status = "administrator" if bot_is_administrator else "member"
        return self._world.add_chat(
            id=chat_id,
            type=kind,
            title=title,
            members={person.id: person for person in members},
            bot_status=status,
        )

    async def push(self, kind: str, payload: Json) -> None:
        """Send the bot an update as it stands, whether or not Telegram would."""
        self._world.updates.push(kind, payload)
        await self._record.announce()

    # HTTP

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        token, given_name = request.match_info["token"], request.match_info["method"]
        if not _TOKEN.fullmatch(token):
            return await self._refuse_outright(given_name, 404, "Not Found", violation="malformed token")
        if token != self.token:
            return await self._refuse_outright(given_name, 401, "Unauthorized", violation="wrong token")
        name = BY_LOWER_NAME.get(given_name.lower())
        if name is None:
            return await self._refuse_outright(given_name, 404, "Not Found", violation="unknown method")
        answering = self._answer_call(request, name)
        if name == "getUpdates":
            return await answering  # a poller that goes away is cancelled, and no call
        return await asyncio.shield(answering)  # what was asked is done, whether or not the bot waits for it

    async def _answer_call(self, request: web.Request, name: str) -> web.StreamResponse:
        """Handle a call of a known method, and the fault that waits for it, if any."""
        fault = Fault()
        arguments: Json = {}
        response: web.StreamResponse
        try:
            raw = await read_request(request)
            arguments = raw
            arguments = typed_arguments(METHODS[name], raw)
            fault = self._faults.take(name, arguments.get("chat_id"))
            self._check_pace(name, arguments)
            in_place = await fault.before(request)
            if in_place is not None:
                await self._note(name, arguments, status=in_place.status, error=repr(fault), fault=fault)
                return in_place
            self._world.method = name
            result = METHODS[name](self._world, **arguments)
            if inspect.isawaitable(result):
                result = await result
        except RefusalError as refusal:
            if refusal.violation:
                self._record.violations.append(f"{name}: {refusal.description}")
            if isinstance(fault, RetryAfter):
                self._pace.paused(name, arguments.get("chat_id"), asyncio.get_running_loop().time(), fault.seconds)
            await self._note(name, arguments, status=refusal.status, error=refusal.description, fault=fault)
            response = _refusal_json(refusal)
        else:
            await self._note(name, arguments, status=200, result=result, fault=fault)
            response = web.json_response({"ok": True, "result": result})
        await fault.after(request)
        return response

    async def _download(self, request: web.Request) -> web.StreamResponse:
        file = self._world.files.get(request.match_info["place"].partition(".")[0])
        if request.match_info["token"] != self.token or file is None:
            return await self._answer_unknown_path(request)
        return web.Response(body=file.content)

    def _check_pace(self, name: str, arguments: Json) -> None:
        exceeded = self._pace.arrived(name, arguments.get("chat_id"), asyncio.get_running_loop().time())
        if exceeded and self.paced:
            self._record.violations.append(f"{name}: {exceeded}")

    async def _answer_unknown_path(self, request: web.Request) -> web.StreamResponse:
        return await self._refuse_outright(request.path, 404, "Not Found", violation="unknown path")

    async def _refuse_outright(self, method: str, status: int, description: str, *, violation: str) -> web.Response:
        self._record.violations.append(f"{method}: {violation}")
        await self._note(method, {}, status=status, error=description, fault=Fault())
        return _refusal_json(RefusalError(status, description))

    async def _note(
        self,
        method: str,
        parameters: Json,
        *,
        fault: Fault,
        **outcome: Any,
    ) -> None:
        """Record a call, and wake those who wait."""
        struck = None if type(fault) is Fault else repr(fault)
        at = asyncio.get_running_loop().time()
        self._record.calls.append(Call(method=method, parameters=parameters, at=at, fault=struck, **outcome))
        await self._record.announce()


def _refusal_json(refusal: RefusalError) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = dict(refusal.parameters)
    return web.json_response(body, status=refusal.status)
