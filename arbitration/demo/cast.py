"""Who lives in the demo world, where they work and what is sold there. All of them are invented."""

from dataclasses import dataclass, field

from allauth.account.models import EmailAddress

from accounts import people, second_factor, stores
from accounts.models import Membership, StaffRole, Store, User
from arbitration.demo.pictures import Album

PASSWORD = "gongduan-demo-2026"  # noqa: S105 - printed by demo_signins, and worth nothing outside a demo
DOMAIN = "demo.test"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - the same for all demo staff, for the same reason


@dataclass(frozen=True)
class Goods:
    """One article. ``shape`` is how ``pictures`` draws it; ``category`` decides its filing window."""

    title: str
    sku: str
    price_fen: int
    shape: str
    text: str
    promises: tuple[str, ...]
    option: str = ""
    category: str = ""
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shop:
    """A store with its staff, owner first: (name before the @, name)."""

    code: str
    name: str
    deposit_fen: int
    staff: tuple[tuple[str, str], ...]
    goods: tuple[Goods, ...]


SHOPS = (
    Shop(
        "shiguang",
        "拾光家居旗舰店",
        5_000_000,
        (("shiguang", "沈拾光"), ("sunqian", "孙倩")),
        (
            Goods("手作陶瓷台灯 暖光护眼", "LAMP-A3", 129_900, "lamp", "手工拉坯陶瓷灯座，双层减震包装，破损包赔。",
                  ("48 小时内发货", "破损包赔", "七天无理由退货"), "月白色"),
            Goods("胡桃木餐椅", "CHAIR-02", 68_000, "chair", "北美黑胡桃实木，承重 150 公斤，送货入户。",
                  ("七天无理由退货", "一年质保"), "单把", "furniture"),
            Goods("黄铜阅读落地灯", "LAMP-F1", 89_000, "lamp", "三档调光，全铜灯杆，色温 3000K。",
                  ("48 小时内发货", "两年质保"), "三档调光"),
        ),
    ),
    Shop(
        "beian",
        "北岸数码",
        800_000,
        (("beian", "钱北岸"),),
        (
            Goods("降噪头戴耳机 N7", "N7-BK", 79_900, "phones", "主动降噪 42 分贝，续航 60 小时，附检测报告。",
                  ("24 小时内发货", "一年质保", "假一赔三"), "墨黑"),
            Goods("恒温电热水壶 1.5L", "KT-15", 25_900, "kettle", "304 不锈钢内胆，四档恒温，容量 1.5 升。",
                  ("48 小时内发货", "七天无理由退货"), "雾灰", "appliance"),
        ),
    ),
    Shop(
        "qinghe",
        "青禾服饰",
        300_000,
        (("qinghe", "吴青禾"),),
        (
            Goods("双面羊毛大衣", "CT-88", 119_900, "coat", "羊毛含量 90%，手工双面工艺，附成分检测。",
                  ("七天无理由退货", "色差包退"), "驼色 M"),
            Goods("亚麻衬衫", "ST-31", 26_900, "coat", "法国亚麻 100%，预缩水处理。", ("七天无理由退货",), "本白 L"),
        ),
    ),
    Shop(
        "guoren",
        "果仁零食铺",
        60_000,
        (("guoren", "郭仁"),),
        (
            Goods("每日坚果 30 包礼盒", "NUT-30", 16_800, "jar", "六种坚果果干独立小包，生产日期 30 天内。",
                  ("24 小时内发货", "破损包赔"), "原味"),
            Goods("桂花蜂蜜 500 克两瓶", "HNY-2", 9_900, "jar", "玻璃瓶装，气柱袋加固。", ("破损包赔",), "两瓶"),
        ),
    ),
    Shop(
        "shanye",
        "山野户外",
        50_000,
        (("shanye", "石山野"),),
        (
            Goods("轻量防水冲锋衣", "JK-07", 69_900, "coat", "防水指数 10000，全压胶，三年质保。",
                  ("48 小时内发货", "三年质保"), "苔绿 L"),
            Goods("户外烧水壶", "KT-03", 15_900, "kettle", "铝合金，0.9 升，带收纳网袋。", ("七天无理由退货",), "银色"),
        ),
    ),
)  # fmt: skip

BUYERS = (
    ("linxiao", "林晓"),
    ("wanglei", "王蕾"),
    ("zhaoyuan", "赵远"),
    ("huangting", "黄婷"),
    ("liuyang", "刘洋"),
    ("xujing", "徐静"),
    ("gaofeng", "高峰"),
    ("songyu", "宋雨"),
    ("denghao", "邓皓"),
    ("panmin", "潘敏"),
)
STAFF = (
    ("zhouyan", "周岩", StaffRole.ARBITER),
    ("chenmo", "陈默", StaffRole.ARBITER),
    ("hemin", "何敏", StaffRole.SUPERVISOR),
    ("admin", "郑平", StaffRole.ADMINISTRATOR),
    ("auditor", "秦审", StaffRole.AUDITOR),
)
SIGNING_IN = frozenset({"linxiao", "wanglei", "shiguang", "sunqian", "beian", *(key for key, _name, _role in STAFF)})
"""Who has a password. The others are known as a marketplace sends them, and never sign in."""


@dataclass
class Cast:
    """Everybody by the name before the @, and every store by its code."""

    people: dict[str, User] = field(default_factory=dict)
    stores: dict[str, Store] = field(default_factory=dict)
    hash: str = ""
    album: Album = field(default_factory=Album)

    def __getitem__(self, key: str) -> User:
        return self.people[key]

    def owner(self, code: str) -> User:
        return self.people[shop(code).staff[0][0]]


def address(key: str) -> str:
    return f"{key}@{DOMAIN}"


def shop(code: str) -> Shop:
    return next(one for one in SHOPS if one.code == code)


def gather() -> Cast:
    """Create everybody. Owners are made members here, as the platform does; agents are added by their owners."""
    cast = Cast()
    for key, name in BUYERS:
        _enter(cast, key, name)
    for key, name, role in STAFF:
        second_factor.activate_totp(_enter(cast, key, name, role), TOTP_SECRET)
    for one in SHOPS:
        cast.stores[one.code] = store = Store.objects.create(name=one.name, code=one.code, deposit_fen=one.deposit_fen)
        owner, *agents = [_enter(cast, key, name) for key, name in one.staff]
        Membership.objects.create(store=store, user=owner, kind=Membership.Kind.OWNER)
        for agent in agents:
            stores.add_agent(actor=owner, store_id=store.pk, email=agent.email)
    return cast


def _enter(cast: Cast, key: str, name: str, role: str = StaffRole.NONE) -> User:
    """The first who signs in is made whole; the others get a copy of the hash, which takes half a second to make."""
    if key not in SIGNING_IN:
        cast.people[key] = User.objects.create_user(address(key), name=name)
    elif not cast.hash:
        cast.people[key] = people.create(email=address(key), name=name, password=PASSWORD, staff_role=role)
        cast.hash = cast.people[key].password
    else:
        user = User.objects.create(email=address(key), name=name, staff_role=role, password=cast.hash)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        cast.people[key] = user
    return cast.people[key]
