import pytest

from kb.languages import LANGUAGES
from kb.nlp.detect import NO_GUESS, detect, likelihood

PARAGRAPHS = {
    "bg": "Общината помага на бездомните хора да намерят жилище. Социалните работници посещават "
    "всеки квартал и говорят с жителите за техните нужди.",
    "ca": "L'ajuntament ajuda les persones sense llar a trobar un habitatge. Els treballadors "
    "socials visiten cada barri i parlen amb els veïns i les veïnes.",
    "cs": "Město pomáhá lidem bez domova najít bydlení. Sociální pracovníci navštěvují každou "
    "čtvrť a mluví s obyvateli o tom, co potřebují.",
    "da": "Kommunen hjælper hjemløse med at finde en bolig. Socialrådgivere besøger hvert "
    "kvarter og taler med beboerne om, hvad de har brug for.",
    "de": "Die Stadt hilft wohnungslosen Menschen, eine Wohnung zu finden. Fachkräfte besuchen "
    "jedes Viertel und sprechen mit den Bewohnern über ihre Bedürfnisse.",
    "el": "Ο δήμος βοηθά τους άστεγους να βρουν κατοικία. Οι κοινωνικοί λειτουργοί "
    "επισκέπτονται κάθε γειτονιά και μιλούν με τους κατοίκους.",
    "en": "The city helps homeless people to find a home. Social workers visit every "
    "neighbourhood and talk with residents about what they need.",
    "es": "El ayuntamiento ayuda a las personas sin hogar a encontrar una vivienda. Los "
    "trabajadores sociales visitan cada barrio y hablan con los vecinos.",
    "et": "Linn aitab kodututel inimestel leida elukoha. Sotsiaaltöötajad külastavad iga "
    "linnaosa ja räägivad elanikega nende vajadustest.",
    "fi": "Kaupunki auttaa asunnottomia löytämään kodin. Sosiaalityöntekijät käyvät jokaisessa "
    "kaupunginosassa ja keskustelevat asukkaiden kanssa heidän tarpeistaan.",
    "fr": "La ville aide les personnes sans abri à trouver un logement. Les travailleurs "
    "sociaux visitent chaque quartier et parlent avec les habitants de leurs besoins.",
    "ga": "Cabhraíonn an chathair le daoine gan dídean teach a fháil. Tugann oibrithe sóisialta "
    "cuairt ar gach ceantar agus labhraíonn siad leis na cónaitheoirí.",
    "hr": "Grad pomaže beskućnicima da pronađu dom. Socijalni radnici obilaze svaku četvrt i "
    "razgovaraju sa stanovnicima o tome što im je potrebno u svakodnevnom životu.",
    "hu": "A város segít a hajléktalan embereknek lakást találni. A szociális munkások minden "
    "városrészt felkeresnek, és beszélnek a lakókkal.",
    "is": "Borgin hjálpar heimilislausu fólki að finna húsnæði. Félagsráðgjafar heimsækja hvert "
    "hverfi og tala við íbúana um þarfir þeirra.",
    "it": "Il comune aiuta le persone senza dimora a trovare una casa. Gli assistenti sociali "
    "visitano ogni quartiere e parlano con gli abitanti.",
    "lt": "Miestas padeda benamiams rasti būstą. Socialiniai darbuotojai lankosi kiekviename "
    "rajone ir kalbasi su gyventojais apie jų poreikius.",
    "lv": "Pilsēta palīdz bezpajumtniekiem atrast mājokli. Sociālie darbinieki apmeklē katru "
    "apkaimi un runā ar iedzīvotājiem par viņu vajadzībām.",
    "mt": "Il-belt tgħin lin-nies mingħajr dar biex isibu fejn joqogħdu. Il-ħaddiema soċjali "
    "jżuru kull distrett u jitkellmu mar-residenti dwar il-bżonnijiet tagħhom.",
    "nl": "De stad helpt dakloze mensen om een woning te vinden. Maatschappelijk werkers "
    "bezoeken elke wijk en praten met de bewoners over wat zij nodig hebben.",
    "no": "Kommunen hjelper bostedsløse med å finne et sted å bo. Sosialarbeidere besøker hver "
    "bydel og snakker med innbyggerne om hva de trenger fra kommunen.",
    "pl": "Miasto pomaga osobom bezdomnym znaleźć mieszkanie. Pracownicy socjalni odwiedzają "
    "każdą dzielnicę i rozmawiają z mieszkańcami o ich potrzebach.",
    "pt": "A câmara municipal ajuda as pessoas em situação de sem-abrigo a encontrar uma "
    "habitação. Os assistentes sociais visitam cada bairro e falam com os moradores.",
    "ro": "Orașul îi ajută pe oamenii fără adăpost să găsească o locuință. Asistenții sociali "
    "vizitează fiecare cartier și vorbesc cu locuitorii.",
    "sk": "Mesto pomáha ľuďom bez domova nájsť bývanie. Sociálni pracovníci navštevujú každú "
    "štvrť a rozprávajú sa s obyvateľmi o tom, čo potrebujú.",
    "sl": "Mesto pomaga brezdomnim ljudem najti stanovanje. Socialni delavci obiščejo vsako "
    "četrt in se pogovarjajo s prebivalci o njihovih potrebah.",
    "sq": "Qyteti i ndihmon njerëzit e pastrehë të gjejnë një shtëpi. Punonjësit socialë "
    "vizitojnë çdo lagje dhe flasin me banorët për nevojat e tyre.",
    "sr": "Град помаже бескућницима да пронађу дом. Социјални радници обилазе сваки крај града "
    "и разговарају са становницима о томе шта им је потребно.",
    "sv": "Staden hjälper hemlösa människor att hitta en bostad. Socialarbetare besöker varje "
    "stadsdel och talar med invånarna om vad de behöver.",
    "tr": "Belediye evsiz insanların bir ev bulmasına yardım ediyor. Sosyal hizmet uzmanları "
    "her mahalleyi ziyaret ediyor ve sakinlerle ihtiyaçlarını konuşuyor.",
    "uk": "Місто допомагає безхатченкам знайти житло. Соціальні працівники відвідують кожен "
    "район і розмовляють з мешканцями про їхні потреби.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_detect_names_the_language_of_a_paragraph(language: str) -> None:
    guess = detect(PARAGRAPHS[language])

    assert guess.language == language
    assert guess.confidence > 0.5


def test_detect_calls_serbian_in_latin_script_croatian() -> None:
    text = "Grad pomaže beskućnicima da pronađu dom i razgovara sa stanovnicima o potrebama."

    assert detect(text).language == "hr"


@pytest.mark.parametrize("text", ["", "   ", "2021", "Berlin", "…—!?", "Bürgerhaushalt Wien"])
def test_detect_does_not_judge_a_short_text(text: str) -> None:
    assert detect(text) is NO_GUESS


def test_detect_knows_no_language_beyond_the_table() -> None:
    text = "市は住まいのない人々が家を見つけるのを助けます。相談員がすべての地区を訪れます。"

    assert detect(text).language in {*LANGUAGES, ""}


FOREIGN = {
    "ar": "تساعد المدينة المشردين في العثور على سكن. يزور الأخصائيون الاجتماعيون كل حي. ",
    "ru": "Город помогает бездомным найти жильё. Социальные работники посещают каждый район. ",
    "eu": "Hiriak etxerik gabeko pertsonei etxebizitza aurkitzen laguntzen die auzo guztietan. ",
}


@pytest.mark.parametrize("language", FOREIGN)
def test_a_text_in_a_language_that_is_none_of_ours_is_taken_for_none(language: str) -> None:
    assert detect(FOREIGN[language] * 5) is NO_GUESS


@pytest.mark.parametrize("text", ["", *FOREIGN.values()])
def test_the_likelihood_of_our_languages_is_always_whole(text: str) -> None:
    shares = likelihood(text * 100)

    assert shares.keys() == LANGUAGES.keys()
    assert sum(shares.values()) == pytest.approx(1)
