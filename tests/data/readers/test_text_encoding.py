import re

import pyarrow as pa
import pytest

from jubako.data.errors import TableError
from jubako.data.readers.read import read_batches, read_table
from jubako.data.readers.text_encoding import find_encoding

FRENCH = "nom,ville,prix\nHélène,Orléans,3\nFrançois,Besançon,4\nZoé,Nîmes,5\n"
GERMAN = "Name;Straße;Größe\nJürgen;Königsallee;1,80\nBärbel;Münchner Straße;1,65\n"
SPANISH = "nombre,año\nMuñoz,1990\nGarcía,1985\nMartínez,1977\n"
SWEDISH = "stad,län\nMalmö,Skåne\nÖrebro,Närke\nUmeå,Västerbotten\n"
FINNISH = "nimi,kaupunki\nMäkinen,Jyväskylä\nHämäläinen,Hämeenlinna\n"
DANISH = "navn,by\nSøren,Århus\nJørgen,Køge\nBirthe,Næstved\n"
PORTUGUESE = "cidade,estado\nSão Paulo,SP\nBrasília,DF\nMaceió,AL\nGoiânia,GO\n"
SIGNS = "item,note,temp\npen,it’s good,20 °C\nbook,“fine” – ok,5 €\n"
POLISH = "imię,miasto\nŁukasz,Łódź\nAgnieszka,Kraków\nPaweł,Wrocław\nMałgorzata,Gdańsk\n"
CZECH = "jméno,město\nDvořák,Plzeň\nŽižka,Ústí nad Labem\nKučera,České Budějovice\n"
HUNGARIAN = "név,város\nSzőke,Győr\nKovács,Debrecen\nTóth,Székesfehérvár\n"
CROATIAN = "ime,grad\nŠimić,Šibenik\nKovačević,Čakovec\nĐurić,Đakovo\n"
ROMANIAN = "nume,oraş\nŞtefan,Iaşi\nIonuţ,Braşov\nMădălina,Galaţi\n"
LITHUANIAN = "vardas,miestas\nŠarūnas,Šiauliai\nŽivilė,Kėdainiai\n"
TURKISH = "isim,şehir\nAyşe,İstanbul\nMehmet Yılmaz,İzmir\nGülşen,Muğla\n"
RUSSIAN = "имя,город,цена\nИван,Москва,100\nОльга,Новосибирск,200\nСергей,Казань,300\n"
UKRAINIAN = "імя,місто\nОлексій,Київ\nНаталія,Львів\nЇжак,Чернігів\n"
SERBIAN = "име,град\nМилош,Београд\nЉубица,Ниш\nЂорђе,Чачак\n"
GREEK = "όνομα,πόλη\nΓιώργος,Αθήνα\nΜαρία,Θεσσαλονίκη\nΕλένη,Πάτρα\n"
HEBREW = "שם,עיר\nדוד,ירושלים\nשרה,חיפה\n"
JAPANESE = "氏名,住所,金額\n佐藤一郎,東京都新宿区,100\n鈴木花子,大阪府大阪市,200\n"
KANA = "商品,数\nノート,1\nボールペン,2\n消しゴム,3\nりんご,4\n"
HALF_WIDTH = "ｼﾒｲ,ﾊﾞﾝｺﾞｳ\nｻﾄｳ ｲﾁﾛｳ,1\nｽｽﾞｷ ﾊﾅｺ,2\nﾄｳｷｮｳ,3\n"
PREFECTURES = "県,人口\n北海道,1\n青森県,2\n岩手県,3\n宮城県,4\n秋田県,5\n山形県,6\n福島県,7\n"
SIMPLIFIED = "姓名,城市,价格\n张伟,北京,100\n王芳,上海,200\n李娜,广州,300\n"
REVIEWS = "编号,评论\n1,质量很好，非常满意！\n2,物流太慢，包装破损。\n3,一般般，性价比不高\n"
TRADITIONAL = "編號,評論\n1,品質很好，非常滿意！\n2,物流太慢，包裝破損。\n3,普通，性價比不高\n"
TAIWANESE = "姓名,城市,價格\n陳大文,台北,100\n林美玲,高雄,200\n王小明,台中,300\n"
KOREAN = "이름,도시,가격\n김민수,서울,100\n이영희,부산,200\n박철수,대구,300\n"
OPINIONS = "번호,평가\n1,품질이 아주 좋아요\n2,배송이 너무 늦었습니다\n3,보통입니다\n"

TEXTS = [
    *(("cp1252", text) for text in (FRENCH, GERMAN, SPANISH, SWEDISH, FINNISH, DANISH)),
    *(("cp1252", text) for text in (PORTUGUESE, SIGNS, "name,n\nCafé,1\n", "stadt,n\nGroß,1\n")),
    *(("mac_roman", text) for text in (FRENCH, GERMAN, SPANISH, "name,n\nCafé,1\n")),
    *(("cp850", text) for text in (FRENCH, GERMAN)),
    *(("cp1250", text) for text in (POLISH, CZECH, HUNGARIAN, CROATIAN, ROMANIAN)),
    *(("iso8859_2", text) for text in (POLISH, CZECH)),
    *(("cp1257", LITHUANIAN), ("cp1254", TURKISH), ("cp1255", HEBREW)),
    *(("cp1251", text) for text in (RUSSIAN, UKRAINIAN, SERBIAN, RUSSIAN.upper())),
    *(("cp1251", "город,n\nМосква,1\n"), ("koi8_r", RUSSIAN), ("cp866", RUSSIAN)),
    *(("iso8859_7", text) for text in (GREEK, "πόλη,n\nΑθήνα,1\n")),
    *(("cp1253", GREEK.replace("Πάτρα", "Άρτα")),),
    *(("cp932", text) for text in (JAPANESE, KANA, HALF_WIDTH, PREFECTURES, "都市,n\n東京,1\n")),
    *(("euc_jp", text) for text in (JAPANESE, KANA, PREFECTURES, "都市,n\n東京,1\n")),
    *(("gbk", text) for text in (SIMPLIFIED, REVIEWS, "城市,n\n北京,1\n")),
    *(("big5", text) for text in (TRADITIONAL, TAIWANESE, "城市,n\n台北,1\n")),
    *(("euc_kr", text) for text in (KOREAN, OPINIONS, "도시,n\n서울,1\n")),
]


def encoding_of(data, given=None):
    return find_encoding("data.csv", lambda: pa.BufferReader(data), given)


@pytest.mark.parametrize("times", [1, 40], ids=["short", "long"])
@pytest.mark.parametrize(
    ("encoding", "text"), TEXTS, ids=[f"{name}-{text[:8]!r}" for name, text in TEXTS]
)
def test_texts_of_many_languages_are_read_right_and_that_is_noted(encoding, text, times):
    data = (text * times).encode(encoding)
    found = encoding_of(data)
    assert data.decode(found.name) == text * times
    (note,) = found.notes
    assert f"it is read as {found.name.upper()}, with words such as" in note
    word = next(word for word in re.split("[,;\n ]", text) if not word.isascii())
    assert f"'{word}" in note


def test_a_doubt_names_the_other_encoding_with_what_would_then_be_read():
    (note,) = encoding_of("ИВАН\nОЛЬГА\n".encode("cp1251")).notes
    assert "'ИВАН, ОЛЬГА'. It may also be CP932, with 'ﾈﾂﾀﾍ, ﾎﾋﾜﾃﾀ'" in note


def test_words_beyond_the_first_megabyte_are_found():
    data = b"a,b\n" + b"1,2\n" * 500_000 + "3,Łódź\n4,Wrocław\n".encode("cp1250")
    assert encoding_of(data).name == "cp1250"


@pytest.mark.parametrize("n", [3_000, 30_000, 3_000_000])
def test_long_lines_are_judged_by_what_is_beyond_ascii(n):
    assert encoding_of(b"x" * n + ("," + "東京都新宿区" * 5_000).encode("cp932")).name == "cp932"
    assert encoding_of(("東京都新宿区" * (n // 6)).encode("cp932")).name == "cp932"


@pytest.mark.parametrize(
    "text", [FRENCH, JAPANESE, RUSSIAN, "なまえ,ね\nりんごの,1\n", "a,b\n1,2\n"]
)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"]
)
def test_unicode_is_found_without_a_note(text, encoding):
    found = encoding_of(text.encode(encoding))
    assert text.encode(encoding).decode(found.name).lstrip("\ufeff") == text
    assert not found.notes


def test_a_few_wrong_bytes_in_utf_8_are_replaced_and_that_is_noted(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(FRENCH.encode() + b"Caf\xe9,Lyon,6\nZo\xeb,Lyon,7\n")
    for read in (read_table(str(path)), read_batches(str(path))):
        (note,) = read.notes
        assert "holds bytes that are not (2 in all, the first in line 5: 0xe9)" in note
    table = read_table(str(path)).table
    assert table["nom"].to_pylist() == ["Hélène", "François", "Zoé", "Caf\ufffd", "Zo\ufffd"]
    assert sum(batch.num_rows for batch in read_batches(str(path))) == 5


def test_a_text_that_is_cut_off_is_noted():
    (note,) = encoding_of(JAPANESE.encode()[:-8] + b"\xe3\x81").notes
    assert "(1 in all, the first in line 3: 0xe3)" in note


def test_a_mixture_of_encodings_is_refused():
    data = FRENCH.encode()[:25] + "Zoé,Nîmes\nFrançois,Besançon\n".encode("cp1252") * 2
    with pytest.raises(TableError, match="is a mixture: line 2 holds the byte 0xe9"):
        encoding_of(data)


def test_a_nul_byte_is_named_with_its_line():
    with pytest.raises(TableError, match=r"line 3: there is a NUL byte.* the file has 1\."):
        encoding_of(b"a,b\n1,2\n3\0,4\n" + b"5,6\n" * 100)
    with pytest.raises(TableError, match="is not text"):
        encoding_of(b"\x7fELF\x02\x01\x01\0\0\0\xff\xfe\x90" * 50)


@pytest.mark.parametrize("given", ["klingon", "rot13", "hex", "", "utf-7\0", "é"])
def test_what_is_no_encoding_is_refused(given):
    if given:
        with pytest.raises(TableError, match="is not a known encoding: try utf-8"):
            encoding_of(b"a,b\n", given)
    else:
        assert encoding_of(b"a,b\n", given).name == "utf-8"
