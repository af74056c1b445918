"""Whether a request is for a text as a whole, and not for something that stands in it."""

from trinax.answering.routing.lexicon import lexicon
from trinax.answering.routing.shape import WORD
from trinax.index import analysis

# The group of words that say what the text is to be made into: there is nothing to look for.
WORK = "rewriting"
# A question of nothing but these names nothing that a text could hold.
_GENERAL = """
    what what's is are this these it does do here hier cosa
    about file files document documents doc docs pdf attachment attachments attached text article
    paper page notes say says contain contains content contents explain describe tell give list show
    main key important points ideas takeaways gist overview topic subject read
    trata archivo fichero documento adjunto texto dice contiene contenido explica describe dame
    principales puntos ideas tema archivos documentos
    worum geht datei dateien dokument anhang inhalt steht erkläre beschreibe nenne wichtigsten
    punkte thema
    parle fichier pièce jointe texte dit contenu explique décris donne points principaux idées sujet
    arquivo anexo diz contém conteúdo explique descreva pontos principais assunto fala
    file allegato testo dice contiene contenuto spiega descrivi punti principali argomento parla
    gaat bestand bijlage tekst inhoud beschrijf leg uit belangrijkste punten onderwerp
"""
GENERAL = frozenset(_GENERAL.split())
LIMIT_CHARACTERS = 400  # of the request; a longer one says what it is about


def surveys(request: str) -> bool:
    """True for "Summarise this" and "What does the document say?"."""
    if len(request) > LIMIT_CHARACTERS:
        return False
    asked = request.casefold()
    if WORK in lexicon().hits(WORD.findall(asked), asked):
        return True
    telling = {word.casefold() for word, ids in analysis.query_words(request) if ids}
    return bool(request.strip()) and telling <= GENERAL
