"""Chat exports as messages with speakers and times, whatever program wrote them. Standard library only.

One plain form is kept (``written``): a line with speaker and moment, then the message, indented. ``parsed`` reads that
form and the common shapes of text exports, so what is masked in a text is masked in its transcript too.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

BEIJING = timezone(timedelta(hours=8))
_INDENT = "    "
_MOST_WHO = 60
_MOMENT = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[,，T ]{0,3}(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,6})?"
_MOMENT_LAST = re.compile(rf"^(?P<who>\S.{{0,{_MOST_WHO}}}?)[ \t]*[(\[（【]?{_MOMENT}[)\]）】]?[ \t]*[:：]?[ \t]*$")
_MOMENT_FIRST = re.compile(
    rf"^[\[(（【]?{_MOMENT}[\])）】]?[ \t]*(?:-[ \t]*)?"
    rf"(?P<who>[^\s:：][^:：\n]{{0,{_MOST_WHO}}}?)[ \t]*(?:[:：][ \t]*(?P<text>.*))?$"
)
_LONGEST_HEAD = 140

_NAMES = {
    "who": {"sender", "from", "speaker", "name", "nickname", "author", "user", "role"}
    | {"发送人", "发送者", "发言人", "昵称", "用户", "用户名", "姓名", "角色", "发件人", "说话人"},
    "at": {"time", "date", "datetime", "timestamp", "sent_at", "created_at", "sent"}
    | {"时间", "发送时间", "日期", "消息时间", "日期时间"},
    "text": {"text", "message", "content", "body", "msg"} | {"内容", "消息", "消息内容", "聊天内容", "正文", "文本"},
}


@dataclass(frozen=True)
class Message:
    """``at`` as the export says it, ``2026-11-20 14:03:22`` where it could be read; nobody vouches for it."""

    who: str
    at: str
    text: str


def parsed(text: str) -> list[Message]:
    """The messages of a text export in order; empty where no line names a speaker and a moment.

    Words before the first such line become a message of nobody.
    """
    found: list[tuple[str, str, list[str]]] = [("", "", [])]
    for line in text.split("\n"):
        if (head := _head(line)) is not None:
            who, at, rest = head
            found.append((who, at, [rest] if rest else []))
        else:
            found[-1][2].append(line.removeprefix(_INDENT))
    if len(found) == 1:
        return []
    messages = [Message(who, at, "\n".join(lines).strip("\n")) for who, at, lines in found]
    return messages if messages[0].text.strip() else messages[1:]


def _head(line: str) -> tuple[str, str, str] | None:
    if line.startswith((_INDENT, "\t")) or not line:
        return None
    first = _MOMENT_FIRST.match(line)
    if first is not None:
        return first["who"].strip(), _moment(first.groups()), (first["text"] or "").strip()
    last = _MOMENT_LAST.match(line) if len(line) <= _LONGEST_HEAD else None
    return (last["who"].strip(" :："), _moment(last.groups()[1:]), "") if last is not None else None


def _moment(groups: Iterable[str | None]) -> str:
    year, month, day, hour, minute, second = list(groups)[:6]
    at = f"{year}-{int(month or 0):02}-{int(day or 0):02} {int(hour or 0):02}:{minute}"
    return f"{at}:{second}" if second else at


def written(messages: Iterable[Message]) -> str:
    """The plain form. Indented, no word of a message can pass for the next speaker."""
    return "\n".join(_written(message) for message in messages)


def _written(message: Message) -> str:
    head = f"{message.who or '?'} {message.at}".strip()
    return head + "\n" + "".join(f"{_INDENT}{line}\n" for line in message.text.split("\n"))


def from_csv(text: str) -> list[Message]:
    """Rows under a heading that names speaker or moment, and text; empty where there is none. Raises csv.Error."""
    csv.field_size_limit(4 * 1024 * 1024)
    start = text[:4096]
    separator = max(",;\t", key=start.split("\n", 1)[0].count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    columns = _columns(next(rows, []))
    return list(_messages(dict(zip(columns, row, strict=False)) for row in rows)) if "text" in columns else []


def _columns(heading: list[str]) -> list[str]:
    """What each column is: ``who``, ``at``, ``text`` (the first that says so), or its own name."""
    columns: list[str] = []
    for name in heading:
        meant = next((key for key, names in _NAMES.items() if name.strip().lower() in names), name)
        columns.append(name if meant in columns else meant)
    return columns


def from_json(text: str) -> list[Message]:
    """A list of objects, itself or under some name; empty where it holds no messages. Raises ValueError."""
    found = json.loads(text)
    if isinstance(found, dict):
        found = next((value for value in found.values() if _is_list_of_objects(value)), [])
    return list(_messages(_meant(row) for row in found)) if _is_list_of_objects(found) else []


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _meant(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: next((value for name, value in row.items() if name.lower() in names), "") for key, names in _NAMES.items()
    }


def _messages(rows: Iterable[dict[str, Any]]) -> Iterator[Message]:
    for row in rows:
        text = _words(row.get("text"))
        who = " ".join(_words(row.get("who")).split())[:_MOST_WHO]
        if text.strip() or who:
            yield Message(who, _said_at(row.get("at")), text)


def _words(value: Any) -> str:
    """Text, or the text inside an object or a list of such, as some programs export it."""
    if isinstance(value, list):
        return "".join(_words(part) for part in value)
    if isinstance(value, dict):
        return _words(next((value[key] for key in ("text", "content", "name", "nickname") if key in value), ""))
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")


def _said_at(value: Any) -> str:
    """Seconds or milliseconds since 1970 become Beijing time; any other text stays as it is."""
    said = _words(value).strip()
    if re.fullmatch(r"\d{10}(\d{3})?(\.\d+)?", said):
        seconds = float(said) / (1000 if len(said.partition(".")[0]) == 13 else 1)
        return f"{datetime.fromtimestamp(seconds, UTC).astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    found = re.match(_MOMENT, said)
    return _moment(found.groups()) if found else " ".join(said.split())[:40]
