"""What the extractive answerer says in its own words, in the question's language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """opening: before quotes. nothing: the collections hold no answer. alone: asked without
    retrieval. missing: before words that no quoted passage has. unanswered: before parts of the
    question that nothing answers. unfinished: follows `nothing` while files are still waiting to
    be indexed. comma: between words and parts."""

    opening: str
    nothing: str
    alone: str
    missing: str
    unanswered: str
    unfinished: str
    comma: str = ", "


ENGLISH = Phrases(
    "From your documents (quoted, no language model):",
    "Nothing in your collections answers this.",
    "This is trinax-extract, which is not a language model: it can only quote your documents. Ask "
    "with collections, or choose a language model.",
    "The quoted passages do not mention:",
    "Not found in your documents:",
    "Not all of your files are indexed yet: ask again in a moment.",
)
BY_LANGUAGE = {
    "en": ENGLISH,
    "es": Phrases(
        "De tus documentos (citado, sin modelo de lenguaje):",
        "Nada en tus colecciones responde a esto.",
        "Esto es trinax-extract, que no es un modelo de lenguaje: solo puede citar tus documentos. "
        "Pregunta con colecciones o elige un modelo de lenguaje.",
        "Los pasajes citados no mencionan:",
        "No se encontró en tus documentos:",
        "Aún no están indexados todos tus archivos: vuelve a preguntar dentro de un momento.",
    ),
    "fr": Phrases(
        "D'après vos documents (cités, sans modèle de langue) :",
        "Rien dans vos collections ne répond à cette question.",
        "Ceci est trinax-extract, qui n'est pas un modèle de langue : il ne peut que citer vos "
        "documents. Posez la question avec des collections ou choisissez un modèle de langue.",
        "Les passages cités ne mentionnent pas :",
        "Introuvable dans vos documents :",
        "Tous vos fichiers ne sont pas encore indexés : reposez la question dans un instant.",
    ),
    "de": Phrases(
        "Aus Ihren Dokumenten (zitiert, ohne Sprachmodell):",
        "Nichts in Ihren Sammlungen beantwortet das.",
        "Dies ist trinax-extract, kein Sprachmodell: Es kann nur aus Ihren Dokumenten zitieren. "
        "Fragen Sie mit Sammlungen oder wählen Sie ein Sprachmodell.",
        "Die zitierten Stellen erwähnen nicht:",
        "In Ihren Dokumenten nicht gefunden:",
        "Noch sind nicht alle Ihre Dateien indiziert: Fragen Sie gleich noch einmal.",
    ),
    "pt": Phrases(
        "Dos seus documentos (citado, sem modelo de linguagem):",
        "Nada nas suas coleções responde a isto.",
        "Este é o trinax-extract, que não é um modelo de linguagem: só pode citar os seus "
        "documentos. Pergunte com coleções ou escolha um modelo de linguagem.",
        "Os trechos citados não mencionam:",
        "Não encontrado nos seus documentos:",
        "Nem todos os seus arquivos estão indexados ainda: pergunte de novo daqui a pouco.",
    ),
    "it": Phrases(
        "Dai tuoi documenti (citati, senza modello linguistico):",
        "Nulla nelle tue raccolte risponde a questa domanda.",
        "Questo è trinax-extract, che non è un modello linguistico: può solo citare i tuoi "
        "documenti. Chiedi con delle raccolte o scegli un modello linguistico.",
        "I passi citati non menzionano:",
        "Non trovato nei tuoi documenti:",
        "Non tutti i tuoi file sono ancora indicizzati: chiedi di nuovo tra un momento.",
    ),
    "nl": Phrases(
        "Uit uw documenten (geciteerd, zonder taalmodel):",
        "Niets in uw collecties beantwoordt dit.",
        "Dit is trinax-extract, geen taalmodel: het kan alleen uw documenten citeren. Vraag met "
        "collecties of kies een taalmodel.",
        "De geciteerde passages noemen niet:",
        "Niet gevonden in uw documenten:",
        "Nog niet al uw bestanden zijn geïndexeerd: vraag het zo nog eens.",
    ),
    "ru": Phrases(
        "Из ваших документов (цитаты, без языковой модели):",
        "Ничто в ваших коллекциях не отвечает на этот вопрос.",
        "Это trinax-extract, не языковая модель: он может только цитировать ваши документы. "
        "Спросите с коллекциями или выберите языковую модель.",
        "В процитированных фрагментах не упоминается:",
        "Не найдено в ваших документах:",
        "Ещё не все ваши файлы проиндексированы: спросите ещё раз чуть позже.",
    ),
    "ja": Phrases(
        "あなたの文書より（引用、言語モデル不使用）：",
        "コレクションにはこの質問への答えがありません。",
        "これは trinax-extract です。言語モデルではなく、文書を引用することしかできません。"
        "コレクションを指定して質問するか、言語モデルを選んでください。",
        "引用した箇所に次の語はありません：",
        "文書の中に見つかりませんでした：",
        "まだすべてのファイルが索引されていません。少し後でもう一度お尋ねください。",
        "、",
    ),
    "zh": Phrases(
        "摘自您的文档（原文引用，未使用语言模型）：",
        "您的文档集中没有能回答这个问题的内容。",
        "这里是 trinax-extract，它不是语言模型，只能引用您的文档。"
        "请在提问时指定文档集，或选择一个语言模型。",
        "引用的段落没有提到：",
        "在您的文档中没有找到：",
        "您的文件尚未全部建立索引，请稍后再问。",
        "、",
    ),
}


def phrases(language: str) -> Phrases:
    """language: ISO 639-1; English where it is another or unknown."""
    return BY_LANGUAGE.get(language, ENGLISH)
