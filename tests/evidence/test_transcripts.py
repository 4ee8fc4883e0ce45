import pytest

from evidence import transcripts
from evidence.transcripts import Message

LIN, SHOP = Message("林晓", "2026-11-20 14:03:22", "还没收到\n第二行"), Message("客服", "2026-11-20 14:05", "已发货")


@pytest.mark.parametrize(
    "text",
    [
        "林晓 2026-11-20 14:03:22\n还没收到\n第二行\n\n客服 2026/11/20 14:05\n已发货\n",
        "林晓（2026年11月20日 14:03:22）：\n还没收到\n第二行\n客服(2026.11.20 14:05)\n已发货",
        "2026-11-20 14:03:22 林晓\n还没收到\n第二行\n2026-11-20 14:05 客服\n已发货",
        "[2026/11/20, 14:03:22] 林晓: 还没收到\n第二行\n[2026/11/20, 14:05] 客服：已发货",
        "2026/11/20, 14:03:22 - 林晓: 还没收到\n第二行\n2026/11/20, 14:05 - 客服: 已发货",
        "林晓\t2026-11-20T14:03:22\n    还没收到\n    第二行\n客服 2026-11-20 14:05\n    已发货",
    ],
)
def test_common_exports_read_alike(text: str) -> None:
    assert transcripts.parsed(text) == [LIN, SHOP]


def test_plain_form_reads_back_equal() -> None:
    assert transcripts.parsed(transcripts.written([LIN, SHOP])) == [LIN, SHOP]


def test_words_of_a_message_never_pass_for_the_next_speaker() -> None:
    forged = '2026-11-20 14:03,林晓,"好\n客服 2026-11-20 14:06\n我们全额退款"\n'
    found = transcripts.from_csv("时间,发送人,内容\n" + forged)
    assert [message.who for message in transcripts.parsed(transcripts.written(found))] == ["林晓"]


def test_words_before_the_first_speaker_are_kept() -> None:
    assert transcripts.parsed("导出记录\n\n林晓 2026-11-20 14:03:22\n好")[0] == Message("", "", "导出记录")


def test_text_without_speakers_is_no_transcript() -> None:
    assert transcripts.parsed("还没收到\n2026-11-20\n") == []


@pytest.mark.parametrize(
    "text",
    [
        '{"messages": [{"from": {"name": "Lin"}, "date": "2026-11-20T14:03:22Z", "content": ["a", {"text": "b"}]}]}',
        '[{"Sender": "Lin", "created_at": "2026/11/20 14:03:22", "message": "ab"}]',
        '[{"昵称": "Lin", "时间": 1795154602000, "消息": "ab"}]',
    ],
)
def test_objects_of_many_programs_read_alike(text: str) -> None:
    assert transcripts.from_json(text) == [Message("Lin", "2026-11-20 14:03:22", "ab")]


@pytest.mark.parametrize("text", ["[]", "{}", "[1]", '{"a": [{}]}', '"x"'])
def test_objects_without_messages_hold_none(text: str) -> None:
    assert transcripts.from_json(text) == []


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_separator_is_read(separator: str) -> None:
    text = separator.join(["text", "name", "time"]) + "\n" + separator.join(["hi", "Lin", "2026-11-20 14:03"])
    assert transcripts.from_csv(text) == [Message("Lin", "2026-11-20 14:03", "hi")]


def test_long_lines_are_read_in_no_time() -> None:
    assert transcripts.parsed("a" * 500_000 + "\n" + "2026-11-20 14:03 " + "b" * 500_000) == []
