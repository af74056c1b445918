"""Short lists of the commonest function words, casefolded and with their accents.

They tell languages apart, and are left out of queries.
"""

_LISTS = {
    "en": """a about after all also an and any are as at be because been but by can could did do
        does for from had has have he her him his how i if in into is it its just me more my no not
        of on only or our out over she should so some such than that the their them then there
        these they this to up us was we were what when where which who why will with would you your
        don t s ll re ve""",
    "es": """a al algo como con cual cuando cuál cuándo cómo de del desde donde dónde e el ella
        ellos en entre era es esa ese eso esta este esto está estaba fue ha han hay la las le les lo
        los me mi muy más ni no nos o otra otro para pero por porque puede que quien quién qué se
        ser si sin sobre son su sus sí también te tiene todo un una uno unos y ya""",
    "fr": """a ai au aux avec c ce ces cette comme comment d dans de des donc du elle elles en est
        et eu il ils j je l la le les leur leurs lui m mais même n ne nous on ont ou où par pas plus
        pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se ses si son sont
        sous sur ta te tes toi tous tout très tu un une vos votre vous y à été être""",
    "de": """aber als am an auch auf aus bei bin bis das dass dem den der des dessen die dies diese
        dieser dieses doch du durch ein eine einem einen einer eines er es für gegen hat hatte haben
        ich ihr ihre im in ist ja kann kein keine man mehr mich mit nach nicht noch nur ob oder
        ohne sein seine sich sie sind so über um und uns unter vom von vor wann war warum was
        wegen welche welcher welches wenn wer werden wie wir wird wo wurde wurden zu zum zur""",
    "pt": """a ao aos as até com como da das de dela dele deles depois do dos e ela elas ele eles em
        entre era essa esse esta este está eu foi foram há isso isto já la lhe mais mas me mesmo
        meu muito na nas nem no nos não nós o onde os ou para pela pelas pelo pelos por porque pode
        qual quais quando que quem se sem ser seu seus sobre sua suas são só também te tem um uma
        umas uns você à às é""",
    "it": """a ad agli ai al alla alle allo anche c che chi ci come con cosa cui d da dai dal dalla
        dalle de degli dei del della delle dello di dove e ed era essere gli ha hanno i il in io l
        la le lei lo loro lui ma mi nei nel nella nelle noi non o ogni per perché più può qual
        quale quali quando quanto questa questo quello se sei si sia sono su sua sue sugli sul
        sulla suo suoi tra tu un una uno è""",
    "nl": """aan al alle als bij dan dat de den der deze die dit doch door een en er geen haar had
        heb hebben heeft hem het hij hoe hun ik in is ja je kan maar me meer men met mij mijn na
        naar niet niets nog nu of om omdat onder ons ook op over te tot u uit van veel voor waar
        waarom wanneer want waren was wat we wel welke werd wie wij wordt worden zal ze zich zij
        zijn zo zonder zou""",
    "ru": """а без бы был была были было быть в вам вас во вот все всё вы где да для до его ее её
        если есть еще ещё же за и из или им их к как какая какие какой ко когда кто ли мы на над не
        него нее нет ни но о об он она они от по под при с свои себя со так также там то того
        только ты у уже что чтобы чем эта эти это этого этой этот я""",
}

STOPWORDS = {language: frozenset(words.split()) for language, words in _LISTS.items()}
