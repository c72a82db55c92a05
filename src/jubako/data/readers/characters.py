"""Frequencies of characters in languages, for the detection of encodings.

Each function returns, for the characters beyond ASCII of a text, a number from 0 (unusual) to 1
(most usual).
"""

import re
from collections.abc import Iterator

KANJI = set(
    "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川"
    "千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨会社員的田自地方新場動分力体目立部事議政経対発"
    "理所定市内相関業明性全回同言手作用合主問当意度通物現実開公化加和平世界野町京都府県区村郡島福岡阪神奈横浜"
    "佐藤鈴橋伊渡辺林吉井清松原商品番号価格数量売客顧単重店種類状態備考住氏齢別歳無有未済完了可不良好悪赤青黄緑"
    "黒色茶血液検査診断病院薬患者注文在庫税込抜美味果菜肉魚酒米麦豆卵糖塩油紙箱袋枚個冊台円費代給料率額計"
)
SIMPLIFIED = set(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行"
    "所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力"
    "它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产"
    "或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口"
    "认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区"
    "保至队形社便空决治展马科司五基书非则白界达光放强即难且权思王象完设式色路记南品住告类求据程北边张该交规万取"
    "格望觉术领共确传师观清今切院让识候带导争运省城县镇村街姓龄男价单客户订商店编号型状态备注称职否收付款京津沪渝"
    "广州深圳杭苏湖江河浙福陕甘川云贵青蓝红绿黄黑李刘陈杨赵周吴徐孙朱郭罗梁宋郑谢韩唐苹香蕉橙葡萄"
)
TRADITIONAL = set(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行"
    "所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力"
    "它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產"
    "或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口"
    "認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區"
    "保至隊形社便空決治展馬科司五基書非則白界達光放強即難且權思王象完設式色路記南品住告類求據程北邊張該交規萬取"
    "格望覺術領共確傳師觀清今切院讓識候帶導爭運省城縣鎮村街姓齡男價單客戶訂商店編號型狀態備註稱職灣臺台雄竹桃園"
    "林陳黃李吳劉蔡楊鄭謝郭洪邱廖賴徐周葉蘇莊呂江蕭羅蘋香蕉橙葡萄"
)
HANGUL = set(
    "이다는에의가을를은로하고지도한기사리나서대자시아인일어정수해부여라보장제주상전그들과관있게만원스공으면구동오무"
    "성신유조연비국미안년경선강산적계실명청우금방학교중위화물세목소문개회발용식품격량번호름울광역군김박최윤임송권황홍"
    "양손배백허남심노차민류진천길현점판매날짜설가액값종분류색크남녀생월"
)
WIDE = "、。，．・：；？！（）「」『』【】〈〉《》“”‘’…—～〜ー々％￥＋－／＝　０１２３４５６７８９"
SIGNS = "’‘“”„‚«»–—…€£¥°§©®™·•½¼²³№ªº¿¡\xa0"
CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґўјљњћђџѓќѕ"
GREEK = "αοιετσνηυρπκμλςδγωχθφβξζψάέήίόύώϊϋΐΰ"
UNITS = "µªº"  # signs, though Unicode calls them letters
HEBREW = "אבגדהוזחטיךכלםמןנסעףפץצקרשת"
COMMON = set("оеаинтсрвлкм" + "αοιετσνηυρπκς" + "יוהלאמרתבנשםד")  # the most frequent letters
ALPHABETS: dict[
    str, tuple[str, ...]
] = {  # letters beyond ASCII of languages written in Latin letters
    "western": (
        *("àâæçéèêëîïôœùûüÿ", "äöüß", "áéíñóúü", "áàâãçéêíóôõúü", "àèéìíîòóùú", "æøåéü"),
        *("åäöéšž", "áéíóúýðþæö", "éëïöüèàáó", "àçèéíïòóúü", "äöõüšž"),
    ),
    "central": (
        *("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţșț"),
        *("äöüß",),
    ),
    "baltic": ("ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž"),
    "turkish": ("çğıöşüâîûİ",),
}
WORD = re.compile(r"[^\W\d_]+")


def latin(text: str, region: str) -> float:
    """Return how usual the accented letters are, in the language that fits best.

    Parameters
    ----------
    text : str
    region : str
        A name in `ALPHABETS`.

    Returns
    -------
    float in [0, 1]
    """
    letters, n_wrong, signs = in_words(text)
    n = len(letters) + n_wrong + len(signs)
    if not n:
        return 0.0
    best = max(sum(c in alphabet for c in letters) for alphabet in ALPHABETS[region])
    anywhere = sum(any(c in alphabet for alphabet in ALPHABETS[region]) for c in letters)
    return (0.8 * best + 0.2 * anywhere + sum(signs)) / n


def in_words(text: str) -> tuple[list[str], int, list[float]]:
    """Return the letters beyond ASCII.

    Parameters
    ----------
    text : str

    Returns
    -------
    letters : list of str
        Lower case.
    n_wrong : int
        Number of letters in unusual places.
    weights : list of float
        As returned by `weights_of_signs`.
    """
    letters, n_wrong = list[str](), 0
    for word in WORD.findall(text):
        for i, c in enumerate(word):
            if c > "\x7f" and c not in UNITS:
                if fits(word, i):
                    letters.append(c if c == "İ" else c.lower())
                else:
                    n_wrong += 1
    return letters, n_wrong, weights_of_signs(text)


def fits(word: str, i: int) -> bool:
    """Return whether an accented letter may be in this place: not alone, no inner capital.

    Parameters
    ----------
    word : str
    i : int
        Position of the letter.
    """
    before, after = word[max(i - 1, 0) : i], word[i + 1 : i + 2]
    if word[i].isupper() and before and (before + after).lower() == before + after:
        return False
    if word[i] == "õ" and after != "e":  # probably the much more frequent Hungarian ő
        return False
    return len(word) > 1 and (len(word) < 3 or (before + after)[:1] < "\x7f" or after < "\x7f")


def weights_of_signs(text: str) -> list[float]:
    """Return how usual each character beyond ASCII that is not a letter is in its place.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of float in [0, 1]
    """
    weights = list[float]()
    for i, c in enumerate(text):
        if c in UNITS:
            weights.append(0.9)
        elif c > "\x7f" and not c.isalpha():
            before, after = text[i - 1 : i].isalpha(), text[i + 1 : i + 2].isalpha()
            good = before or not after if c == "’" else not (before and after) or c in "·\xa0–"
            weights.append(0.9 * (c in SIGNS and good))
    return weights


def alphabetic(text: str, alphabet: str) -> float:
    """Return how usual letters of an alphabet other than Latin are.

    Parameters
    ----------
    text : str
    alphabet : str
        Its letters.

    Returns
    -------
    float in [0, 1]
    """
    weights = weights_of_signs(text)
    for word in WORD.findall(text):
        if word.isascii():
            continue
        mixed = len(word) == 1 or any(c <= "\x7f" for c in word)
        for i, c in enumerate(word):
            inner = i > 0 and c.isupper() and word[i - 1].islower()
            final = c in "ςךםןףץ" and i + 1 < len(word)
            if mixed or inner or final or c.lower() not in alphabet:
                weights.append(0.0)
            else:
                weights.append(1.0 if c.lower() in COMMON else 0.6)
    return sum(weights) / len(weights) if weights else 0.0


def ideographic(text: str, weigh: "dict[str, float]") -> float:
    """Return the mean weight of the characters beyond ASCII.

    Parameters
    ----------
    text : str
    weigh : dict of str to float
        Weight of each character.

    Returns
    -------
    float in [0, 1]
    """
    weights = [weigh[c] for c in text if c > "\x7f"]
    return sum(weights) / len(weights) if weights else 0.0


class Weights(dict[str, float]):
    """The weights of characters, computed when they are first used.

    Parameters
    ----------
    common : set of str
        Characters with weight 1.
    encoding : str
        Encoding whose first level has the more frequent characters.
    levels : bytes
        Last code of the first level.
    script : {"kana", "hanzi", "hangul"}
    """

    def __init__(self, common: set[str], encoding: str, levels: bytes, script: str) -> None:
        self.common: set[str] = common
        self.encoding: str = encoding
        self.levels: bytes = levels
        self.script: str = script

    def __missing__(self, c: str) -> float:
        self[c] = weight = self.weigh(c)
        return weight

    def weigh(self, c: str) -> float:
        """Return 1 for the most frequent, and less for characters beyond the first level."""
        if c in self.common:
            return 1.0
        if c in WIDE:
            return 0.8
        if self.script == "kana" and "\u3041" <= c <= "\u30fe":
            return 1.0
        if self.script == "kana" and "\uff01" <= c <= "\uff5e":
            return 0.8
        if self.script == "hangul":
            code = c.encode("euc_kr", "ignore")
            return 0.75 if "가" <= c <= "힣" and len(code) == 2 else 0.05
        if "\u4e00" <= c <= "\u9fff":
            code = c.encode(self.encoding, "ignore")[:2]
            return 0.6 if code and code <= self.levels else 0.15
        return 0.0


JAPANESE = Weights(KANJI, "cp932", b"\x98\x72", "kana")
CHINESE = Weights(SIMPLIFIED, "gb2312", b"\xd7\xfe", "hanzi")
TAIWANESE = Weights(TRADITIONAL, "big5", b"\xc6\x7e", "hanzi")
KOREAN = Weights(HANGUL, "euc_kr", b"", "hangul")
HALF = re.compile("[\uff61-\uff9f]+")
GOOD_HALF = re.compile("(?:[ｦｱ-ﾝ](?:(?<=[ｳｶ-ﾄﾊ-ﾎ])ﾞ|(?<=[ﾊ-ﾎ])ﾟ)?[ｧ-ｯ]?ｰ?|･)+")


def japanese(text: str) -> float:
    """Return how usual the characters are in Japanese; half-width kana only in words.

    Parameters
    ----------
    text : str

    Returns
    -------
    float in [0, 1]
    """
    half = sum(len(run) * (0.75 if GOOD_HALF.fullmatch(run) else 0.1) for run in HALF.findall(text))
    wide = HALF.sub("", text)
    n_half = sum(c > "\x7f" for c in text) - sum(c > "\x7f" for c in wide)
    weights = [JAPANESE[c] for c in wide if c > "\x7f"]
    n = n_half + len(weights)
    return (half + sum(weights)) / n if n else 0.0


def beyond_ascii(text: str) -> Iterator[str]:
    """Return words that hold characters beyond ASCII."""
    return (word for word in re.findall(r"[^\s,;\t|\"]+", text) if not word.isascii())
