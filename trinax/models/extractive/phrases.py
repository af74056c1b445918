"""What the extractive answerer says in its own words, in the question's language."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Phrases:
    """opening: before quotes. nothing: the collections hold no answer. alone: asked without
    retrieval. missing: before words that no quoted passage has. unanswered: before parts of the
    question that nothing answers. unfinished: follows `nothing` while files are still waiting to
    be indexed. web_opening, web_nothing: instead, where the web was searched too. attached_nothing:
    instead, where files came with the question. comma: between words and parts."""

    opening: str
    nothing: str
    alone: str
    missing: str
    unanswered: str
    unfinished: str
    web_opening: str
    web_nothing: str
    attached_nothing: str
    comma: str = ", "

    @property
    def with_web(self) -> "Phrases":
        return replace(self, opening=self.web_opening, nothing=self.web_nothing)


ENGLISH = Phrases(
    "From your documents (quoted, no language model):",
    "Nothing in your collections answers this.",
    "This is trinax-extract, which is not a language model: it can only quote your documents. Ask "
    "with collections, or choose a language model.",
    "The quoted passages do not mention:",
    "Not found in your documents:",
    "Not all of your files are indexed yet: ask again in a moment.",
    "From documents and the web (quoted, no language model):",
    "Nothing that was found, on the web or in your collections, answers this.",
    "Nothing in what you attached, or in what else was searched, answers this.",
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
        "De documentos y de la web (citado, sin modelo de lenguaje):",
        "Nada de lo encontrado, en la web o en tus colecciones, responde a esto.",
        "Nada en lo que adjuntaste, ni en lo demás que se buscó, responde a esto.",
    ),
    "fr": Phrases(
        "D'après vos documents (cités, sans modèle de langue) :",
        "Rien dans vos collections ne répond à cette question.",
        "Ceci est trinax-extract, qui n'est pas un modèle de langue : il ne peut que citer vos "
        "documents. Posez la question avec des collections ou choisissez un modèle de langue.",
        "Les passages cités ne mentionnent pas :",
        "Introuvable dans vos documents :",
        "Tous vos fichiers ne sont pas encore indexés : reposez la question dans un instant.",
        "D'après des documents et le web (cités, sans modèle de langue) :",
        "Rien de ce qui a été trouvé, sur le web ou dans vos collections, n'y répond.",
        "Rien dans vos pièces jointes, ni dans ce qui a été consulté d'autre, n'y répond.",
    ),
    "de": Phrases(
        "Aus Ihren Dokumenten (zitiert, ohne Sprachmodell):",
        "Nichts in Ihren Sammlungen beantwortet das.",
        "Dies ist trinax-extract, kein Sprachmodell: Es kann nur aus Ihren Dokumenten zitieren. "
        "Fragen Sie mit Sammlungen oder wählen Sie ein Sprachmodell.",
        "Die zitierten Stellen erwähnen nicht:",
        "In Ihren Dokumenten nicht gefunden:",
        "Noch sind nicht alle Ihre Dateien indiziert: Fragen Sie gleich noch einmal.",
        "Aus Dokumenten und dem Web (zitiert, ohne Sprachmodell):",
        "Nichts von dem, was im Web oder in Ihren Sammlungen gefunden wurde, beantwortet das.",
        "Nichts in Ihren Anhängen, und nichts sonst Durchsuchtes, beantwortet das.",
    ),
    "pt": Phrases(
        "Dos seus documentos (citado, sem modelo de linguagem):",
        "Nada nas suas coleções responde a isto.",
        "Este é o trinax-extract, que não é um modelo de linguagem: só pode citar os seus "
        "documentos. Pergunte com coleções ou escolha um modelo de linguagem.",
        "Os trechos citados não mencionam:",
        "Não encontrado nos seus documentos:",
        "Nem todos os seus arquivos estão indexados ainda: pergunte de novo daqui a pouco.",
        "De documentos e da web (citado, sem modelo de linguagem):",
        "Nada do que foi encontrado, na web ou nas suas coleções, responde a isto.",
        "Nada no que anexou, nem no mais que foi pesquisado, responde a isto.",
    ),
    "it": Phrases(
        "Dai tuoi documenti (citati, senza modello linguistico):",
        "Nulla nelle tue raccolte risponde a questa domanda.",
        "Questo è trinax-extract, che non è un modello linguistico: può solo citare i tuoi "
        "documenti. Chiedi con delle raccolte o scegli un modello linguistico.",
        "I passi citati non menzionano:",
        "Non trovato nei tuoi documenti:",
        "Non tutti i tuoi file sono ancora indicizzati: chiedi di nuovo tra un momento.",
        "Da documenti e dal web (citati, senza modello linguistico):",
        "Nulla di ciò che è stato trovato, sul web o nelle tue raccolte, vi risponde.",
        "Nulla in ciò che hai allegato, né in altro che è stato cercato, vi risponde.",
    ),
    "nl": Phrases(
        "Uit uw documenten (geciteerd, zonder taalmodel):",
        "Niets in uw collecties beantwoordt dit.",
        "Dit is trinax-extract, geen taalmodel: het kan alleen uw documenten citeren. Vraag met "
        "collecties of kies een taalmodel.",
        "De geciteerde passages noemen niet:",
        "Niet gevonden in uw documenten:",
        "Nog niet al uw bestanden zijn geïndexeerd: vraag het zo nog eens.",
        "Uit documenten en van het web (geciteerd, zonder taalmodel):",
        "Niets van wat op het web of in uw collecties is gevonden, beantwoordt dit.",
        "Niets in uw bijlagen, of in wat verder is doorzocht, beantwoordt dit.",
    ),
    "ru": Phrases(
        "Из ваших документов (цитаты, без языковой модели):",
        "Ничто в ваших коллекциях не отвечает на этот вопрос.",
        "Это trinax-extract, не языковая модель: он может только цитировать ваши документы. "
        "Спросите с коллекциями или выберите языковую модель.",
        "В процитированных фрагментах не упоминается:",
        "Не найдено в ваших документах:",
        "Ещё не все ваши файлы проиндексированы: спросите ещё раз чуть позже.",
        "Из документов и веба (цитаты, без языковой модели):",
        "Ничто из найденного в вебе или в ваших коллекциях не отвечает на этот вопрос.",
        "Ничто во вложениях и в остальном, где искали, не отвечает на этот вопрос.",
    ),
    "ja": Phrases(
        "あなたの文書より（引用、言語モデル不使用）：",
        "コレクションにはこの質問への答えがありません。",
        "これは trinax-extract です。言語モデルではなく、文書を引用することしかできません。"
        "コレクションを指定して質問するか、言語モデルを選んでください。",
        "引用した箇所に次の語はありません：",
        "文書の中に見つかりませんでした：",
        "まだすべてのファイルが索引されていません。少し後でもう一度お尋ねください。",
        "文書とウェブより（引用、言語モデル不使用）：",
        "ウェブとコレクションで見つかったものに、この質問への答えはありません。",
        "添付されたものにも、ほかに検索したものにも、この質問への答えはありません。",
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
        "摘自文档和网页（原文引用，未使用语言模型）：",
        "在网页和您的文档集中找到的内容都没有回答这个问题。",
        "您附上的文件和搜索到的其他内容都没有回答这个问题。",
        "、",
    ),
}


def phrases(language: str) -> Phrases:
    """language: ISO 639-1; English where it is another or unknown."""
    return BY_LANGUAGE.get(language, ENGLISH)
