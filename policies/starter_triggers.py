"""Phrases of the first triggers. Literal, without regard to case and accents; a trailing * stands for any ending."""

PHRASES = {
    "abusive-language": {
        "en": [
            "idiot*", "moron*", "stupid people", "you are stupid", "are you stupid", "asshole*", "bastard*", "bitch*",
            "fuck*", "bullshit", "piece of shit", "shut up", "scumbag*", "go to hell", "incompetent fools", "screw you",
        ],
        "it": [
            "idiot*", "cretin*", "imbecill*", "stronz*", "coglion*", "vaffanculo", "deficient*", "merda", "bastard*",
            "siete degli incapaci", "andate al diavolo", "fate schifo", "cazzo",
        ],
        "pt": [
            "idiota*", "imbecil", "imbecis", "estúpid*", "merda", "filho da puta", "filhos da puta", "cabrão", "cabrões",
            "vai à merda", "vão à merda", "otári*", "incompetentes de merda", "foda-se", "caralho",
        ],
    },
    "disputed-facts": {
        "en": [
            "that is not true", "that's not true", "this is not true", "you are lying", "you're lying", "i never received",
            "i never ordered", "i did not order", "i dispute", "i am disputing", "disputed the charge", "never agreed to",
            "contrary to what you say", "not what happened", "false claim*",
        ],
        "it": [
            "non è vero", "non è affatto vero", "state mentendo", "non ho mai ricevuto", "non ho mai ordinato", "contesto",
            "contestazione", "non ho mai accettato", "al contrario di quanto dite", "avete torto",
        ],
        "pt": [
            "não é verdade", "estão a mentir", "vocês mentem", "nunca recebi", "nunca encomendei", "não encomendei",
            "contesto", "contestação", "nunca aceitei", "ao contrário do que dizem",
        ],
    },
    "privacy-breach": {
        "en": [
            "data breach*", "privacy breach*", "breach of privacy", "leaked my", "my personal data was", "gdpr",
            "someone else's order", "another customer's data", "shared my personal*", "disclosed my personal*",
            "sent my details to", "my data was exposed",
        ],
        "it": [
            "violazione della privacy", "violazione dei dati", "fuga di dati", "garante della privacy", "garante privacy",
            "gdpr", "i miei dati personali sono", "dati di un altro cliente", "avete divulgato i miei", "diffuso i miei dati",
        ],
        "pt": [
            "violação de dados", "violação de privacidade", "violação da privacidade", "fuga de dados", "rgpd", "gdpr",
            "divulgaram os meus dados", "expuseram os meus dados", "dados de outro cliente", "proteção de dados",
        ],
    },
    "potential-fraud": {
        "en": [
            "fraud", "frauds", "fraudulent*", "identity theft", "stole my card", "stolen card", "unauthorized charge*",
            "unauthorised charge*", "unauthorized transaction*", "unauthorised transaction*", "card was used without",
            "scam", "scammed", "counterfeit*", "hacked my account", "account was hacked",
        ],
        "it": [
            "frode", "frodi", "fraudolent*", "furto d'identità", "truffa", "truffe", "truffato", "truffata",
            "addebito non autorizzato", "addebiti non autorizzati", "carta clonata", "carta rubata", "contraffatt*",
        ],
        "pt": [
            "fraude", "fraudes", "fraudulent*", "roubo de identidade", "burla", "burlado", "burlada",
            "cobrança não autorizada", "débito não autorizado", "cartão clonado", "cartão roubado", "contrafação",
            "falsificad*",
        ],
    },
    "legal-risk": {
        "en": [
            "my lawyer*", "my attorney*", "a lawyer", "an attorney", "legal action", "sue you", "suing you", "lawsuit*",
            "take you to court", "small claims", "see you in court", "court order*", "legal proceedings",
        ],
        "it": [
            "il mio avvocato", "mio legale", "avvocato", "azione legale", "azioni legali", "vie legali", "in tribunale",
            "vi denuncio", "denuncia alle autorità", "querela", "causa legale", "giudice di pace",
        ],
        "pt": [
            "o meu advogado", "a minha advogada", "advogad*", "ação judicial", "ações judiciais", "ação legal",
            "em tribunal", "processar-vos", "vou processar", "queixa-crime", "vias judiciais",
        ],
    },
    "harassment": {
        "en": [
            "i will find you", "i know where you live", "i know where you work", "i will hurt", "i will kill", "kill you",
            "sexual harassment", "harassing me", "harassed by your", "stalking me", "threatened me", "watch your back",
        ],
        "it": [
            "so dove abiti", "so dove abitate", "so dove lavori", "vi ammazzo", "ti ammazzo", "vi farò del male",
            "molestie", "molestat*", "mi perseguita*", "mi ha minacciat*", "stalking",
        ],
        "pt": [
            "sei onde moras", "sei onde vives", "sei onde trabalhas", "vou matar", "mato-te", "vou encontrar-te",
            "assédio", "assediad*", "perseguem-me", "ameaçou-me", "ameaçaram-me",
        ],
    },
}  # fmt: skip
