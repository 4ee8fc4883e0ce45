"""Exhibits, uploads and the checklist."""

from django.templatetags.static import static

from core.gallery.words import Data, after, say


def evidence() -> Data:
    def demo(name: str) -> str:
        return static(f"img/demo/{name}.webp")

    return {
        "items": [
            {
                "id": "b1",
                "side": "buyer",
                "no": 1,
                "caption": say("外箱左下角凹陷，胶带完好", "Dent in the lower left corner, tape unbroken"),
                "kind_word": say("照片", "Photo"),
                "at": after(hours=-24),
                "slot_word": say("必需", "required"),
                "thumb": demo("box"),
                "href": "#evidence",
                "covered": 1,
                "weight": {
                    "degree": "part",
                    "word": say("部分采信", "In part"),
                    "reason": say("只能证明外箱凹陷。", "It shows the dent in the box, no more."),
                },
                "replies": [
                    {
                        "side": "merchant",
                        "stance": "none",
                        "stance_word": say("不认可", "Disputed"),
                        "cites": [{"side": "merchant", "no": 3, "href": "#m3"}],
                        "text": say("凹陷不等于商品破损。", "A dent in the box is not damage to the goods."),
                    },
                    {
                        "side": "buyer",
                        "cites": [{"side": "buyer", "no": 4}],
                        "text": say("开箱视频从面单拍起。", "The unboxing video starts with the parcel label."),
                    },
                ],
            },
            {
                "id": "b4",
                "side": "buyer",
                "no": 4,
                "caption": say("开箱视频，面单与裂纹在同一镜头", "Unboxing in one take: label and crack"),
                "kind_word": say("视频", "Video"),
                "at": after(hours=-2),
                "slot_word": say("加强", "helpful"),
                "thumb": demo("unbox"),
                "href": "#evidence",
                "tag": say("视频 0:48", "Video 0:48"),
                "late": True,
                "facts": [say("拍摄时间早于购买时间", "The capture date is before the purchase")],
            },
            {
                "id": "m3",
                "side": "merchant",
                "no": 3,
                "caption": say("出厂检验记录", "Quality record"),
                "kind_word": say("文件", "Document"),
                "at": after(hours=-1),
                "state_word": say("检查中", "being checked"),
            },
            {
                "id": "m4",
                "side": "merchant",
                "no": 4,
                "caption": say("已撤回的证据", "Withdrawn item"),
                "withdrawn_at": after(hours=-1),
                "withdrawn_text": say(
                    "商家已撤回，原件仍由平台封存。", "Withdrawn by the merchant; the original stays sealed."
                ),
                "withdrawn_reason": say("放错了订单的照片", "A photo of another order"),
                "replies": [],
            },
        ],
        "choosing": {
            "action": "#uploadshelf",
            "from_order": "#uploadshelf",
            "accept": "image/*",
            "limits": say("照片最大 10 MB，最多 30 件。", "Photos up to 10 MB each, at most 30 items."),
        },
        "none": say("商家未回应", "Not answered by the merchant"),
        "uploads": [
            {
                "id": "1",
                "name": say("外箱左下角.jpg", "box-corner.jpg"),
                "size": 3_250_000,
                "kind_word": say("照片", "Photo"),
                "thumb": demo("box"),
                "state": "ok",
                "remove_href": "#evidence",
            },
            {"id": "2", "name": say("裂纹近照.heic", "crack.heic"), "size": 5_660_000, "state": "busy"},
            {
                "id": "3",
                "name": say("照片.jpg", "photo.jpg"),
                "size": 420_000,
                "state": "bad",
                "reason": say(
                    "文件内容不是图片，未上传。其余 2 件已保存。",
                    "The content is not a picture, so it was not uploaded. The other 2 are saved.",
                ),
            },
        ],
        "slots": [
            {"label": say("外箱六面", "All six sides of the box"), "required": True, "state": "in"},
            {"label": say("破损处近照", "Close-up of the damage"), "required": True, "state": "in"},
            {"label": say("快递面单", "Parcel label"), "required": True, "state": "missing"},
            {"label": say("开箱视频", "Unboxing video"), "required": False, "state": "missing"},
        ],
        "missing": [say("快递面单", "Parcel label"), say("签收凭证", "Proof of delivery")],
    }
