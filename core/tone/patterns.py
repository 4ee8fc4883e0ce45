"""What no list of words can say: guesses put as facts, bargains that threaten, and who is speaking.

All read folded text, where full-width punctuation is ASCII but for ``。``. Every repetition is bounded, so that each
costs at most a constant at each character.
"""

import re
from collections.abc import Iterator

from core.tone import words
from core.tone.words import Kind

_SAME = r"[^。!?;\n]"  # still the same sentence
_CLAUSE = r"[^。!?;,\n]"  # still the same part of it

# --- Guesses ---------------------------------------------------------------------------------------------------------
_SURE = (
    "肯定|一定|绝对|分明|明摆着|摆明|百分百|百分之百|100%|铁定|必然|毫无疑问|不用说|不用想|一看就|一眼就|"
    "(?:明显|显然)(?=就?是|在)"
)
_SUPPOSED = (
    "故意|存心|成心|蓄意|假货|假的|假冒|盗版|山寨|二手|翻新|旧货|别人退|骗|坑我|坑人|掉包|调包|自己(?:弄|摔|用|拆|换|搞)|用过了|人为|伪造|"
    "造假|作假|p的|p图|刷单|同行|恶意|串通|勾结|讹|敲诈|偷|撒谎|说谎|没发货|虚假发货|职业打假|水军|内鬼"
)
_MEANT = "就是(?:在)?(?:故意|存心|成心|恶意|假货|想骗|骗钱|为了骗|想讹|想坑)"
_SURE_EN = "obviously|clearly|definitely|certainly|surely|undoubtedly|without a doubt|no doubt|100%|must have|must've"
_SUPPOSED_EN = (
    "fakes?|counterfeit|lying|lied|deliberate(?:ly)?|on purpose|intentional(?:ly)?|second[- ]hand|refurbished|swapped|"
    "switched|cheat(?:ed|ing)?|fraud|forged|faked|tampered|stole|stolen|broke it|damaged it|photoshopped|staged|knew|"
    "never shipped|never sent|professional complainer"
)
GUESSES = [
    re.compile(rf"(?<![不能法以])(?:{_SURE})[^不非没未否核查吗。!?;,、\n]{{0,6}}?(?:{_SUPPOSED})|{_MEANT}"),
    re.compile(
        rf"(?<![a-z])(?:(?:{_SURE_EN})(?: [a-z']{{1,14}}){{0,5}}? (?:{_SUPPOSED_EN})"
        r"|must be (?:an? )?(?:fake|counterfeit|scam|fraud|lying)"
        r"|(?:is|are|was|were) (?:an? )?(?:fake|counterfeit|lying|cheating) for sure)(?![a-z])"
    ),
]
_DENYING_EN = re.compile(r"(?:^| )(?:not|never(?! shipped| sent)|no(?! doubt))(?: |$)|n't")

# Said as what it is, or with its source.
_OWNED = re.compile(
    rf"(?:可能|也许|怀疑|好像|似乎|认为|觉得|感觉|推测|猜|报告|鉴定|检测|质检|证书|判决|法院|海关|认定){_SAME}{{0,20}}$"
    rf"|(?:i think|i believe|i suspect|in my opinion|seems?|perhaps|maybe|might|report|laborator|lab |certificate|"
    rf"court|according to){_SAME}{{0,50}}$"
)

# --- Threats ---------------------------------------------------------------------------------------------------------
THREATS = [
    re.compile(
        rf"不(?:给钱|赔钱|退款|退钱|退|赔|解决|处理){_SAME}{{0,6}}(?:就|便|否则){_SAME}{{0,6}}"
        "(?:曝光|给差评|刷差评|写差评|挂你|挂出来|发到网上|发抖音|发小红书|找人)"
    ),
    re.compile(
        rf"不(?:删|改|撤){_SAME}{{0,6}}(?:差评|评价){_SAME}{{0,6}}(?:就|便|则)[^。!?;\n]{{0,3}}不(?:退|赔|发|处理|给)"
    ),
    re.compile(rf"把你们?{_SAME}{{0,4}}(?:地址|电话|信息|照片){_SAME}{{0,4}}(?:发|挂){_SAME}{{0,3}}网"),
    re.compile(r"(?<![a-z])or else(?=\s{0,3}(?:[.!]|$))"),
    re.compile(
        r"(?<![a-z])(?:or|otherwise) (?:i'll|i will|we'll|we will) (?:post|expose|ruin|destroy|leave (?:you )?one star|"
        r"give you one star|tell everyone)(?![a-z])"
    ),
    re.compile(r"(?<![a-z])(?:bad reviews?|one star|negative reviews?)(?: [a-z']{1,14}){0,3} unless you(?![a-z])"),
]
INSULTS = [re.compile(r"(?:(?<=[。,!?;:\s])|^)(?:妈的|去你的|滚|垃圾)(?=[。,!?;:\s]|$)")]
MARKS = [re.compile(r"[!?]{3,40}")]

BY_KIND: list[tuple[Kind, list[re.Pattern[str]]]] = [
    (Kind.GUESS, GUESSES),
    (Kind.THREAT, THREATS),
    (Kind.INSULT, INSULTS),
    (Kind.MARKS, MARKS),
]

# --- Capital letters -------------------------------------------------------------------------------------------------
_CAPITALS = re.compile(r"\b[A-Z]{1,20}(?:[ ,]{1,3}[A-Z]{1,20}){2,40}\b")
_SMALL_WORDS = set(
    re.findall(
        "[A-Z]+", "A I YOU YOUR WE ME MY IT IS ARE WAS THE THIS THAT NOT NO AND OR TO OF FOR HAVE GIVE WANT WHY NOW"
    )
)


def shouted(typed: str) -> Iterator[re.Match[str]]:
    """Whole sentences in capitals; names of products and makers have few of a sentence's small words."""
    for match in _CAPITALS.finditer(typed):
        said = re.split("[ ,]+", match[0])
        if sum(word in _SMALL_WORDS for word in said) >= 2 and len(match[0]) >= 12:
            yield match


# --- Who is speaking -------------------------------------------------------------------------------------------------
_THEY = "商家|卖家|买家|客服|对方|店家|店主|老板|快递员|站长|他|她|聊天记录|截图|短信|评论|差评"
_SAID = "说(?!话)|称|表示|威胁|扬言|回复|写|骂|喊|叫|留言|发来|发消息|发短信"
_THEY_EN = "he|she|they|seller|merchant|buyer|store|customer|support|agent|staff|shop|owner|courier"
_SAID_EN = "said|says|told|tells|wrote|writes|calls?|called|calling|replied|threatened|claimed|shouted|insulted"
_NOT_MEANT = re.compile(
    rf"(?:{_THEY}){_CLAUSE}{{0,10}}(?:{_SAID}){_CLAUSE}{{0,14}}$"  # somebody else's words, told
    rf"|(?:骂|叫|说|称)(?:我|本店|本人|客服|店员){_CLAUSE}{{0,8}}$"
    rf"|(?:^|\n)\s{{0,4}}(?:{_THEY})[^:\n]{{0,8}}:[^。!?\n]{{0,40}}$"  # a line of a chat
    rf"|(?<![a-z])(?:{_THEY_EN})(?![a-z]){_CLAUSE}{{0,30}}"
    rf"(?<![a-z])(?:{_SAID_EN})(?![a-z]| is | was ){_CLAUSE}{{0,40}}$"
    rf"|(?<![a-z])call(?:ed|s|ing)? (?:me|us|my|our)(?![a-z]){_CLAUSE}{{0,24}}$"
    rf"|(?:不认为|没说|没有说|不是说){_CLAUSE}{{0,10}}$"  # denied, or alleged with care
    rf"|(?:不是|并非|绝非|不算|不属于|是否|涉嫌|疑似|防范|防止|提防|警惕|预防){_CLAUSE}{{0,3}}$"
    r"|(?:called|titled|named) $"
    r"|(?:not|n't|never)(?: an?| any| the| being)? $"
)
LOOK_BACK = 60


def meant(kind: Kind, before: str, phrase: str) -> bool:
    """Whether the writer says it in their own name. ``before``: the last ``LOOK_BACK`` characters ahead of it."""
    if kind == Kind.GUESS and (_OWNED.search(before) or _DENYING_EN.search(phrase)):
        return False
    return _NOT_MEANT.search(before) is None


_TITLES = re.compile(r"《[^《》\n]{1,80}》|〈[^〈〉\n]{1,80}〉")
_QUOTES = re.compile(r"“[^“”\n]{0,300}”|「[^「」\n]{0,300}」|『[^『』\n]{0,300}』|\"[^\"\n]{0,300}\"")
_QUOTING = re.compile(
    r"(?:说|称|写|道|骂|喊|叫|回复|表示|留言|问|标题|书名|品名|名为|名叫|原话|原文|商品|页面|备注|印着|标着|显示|"
    r"书|小说|电影|游戏|品牌|型号|专辑|"
    r"said|says|told me|told us|wrote|called|replied|titled|named|quote|reads|labelled|"
    r"book|novel|film|game|brand|model|album|:|：)"
    r"[我们本店的 :,]{0,5}$"
)


def quoted(text: str) -> Iterator[tuple[int, int]]:
    """Titles, and words given as somebody's or something's own."""
    for match in _TITLES.finditer(text):
        yield match.span()
    for match in _QUOTES.finditer(text):
        if _QUOTING.search(text[max(0, match.start() - 14) : match.start()]):
            yield match.span()


# --- Phrases of several English words --------------------------------------------------------------------------------
def _one_of(phrases: list[str]) -> re.Pattern[str]:
    ways = "|".join(
        re.escape(phrase).replace(r"\ ", r"[\s-]{1,3}") for phrase in sorted(phrases, key=len, reverse=True)
    )
    return re.compile(rf"(?<![a-z])(?:{ways})(?![a-z])")


HARMLESS_PHRASES = _one_of([phrase for phrase, kind in words.english_phrases().items() if kind == words.HARMLESS])
PHRASES = [
    (Kind(kind), _one_of([phrase for phrase, its in words.english_phrases().items() if its == kind]))
    for kind in sorted(set(words.english_phrases().values()) - {words.HARMLESS})
]
