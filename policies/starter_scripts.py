"""The first reply scripts, in the frame of P5.2: acknowledge, assess, solve, carry out, follow up.

slug: (title, floor, texts by language)
"""

SCRIPTS = {
    "order-status": (
        "Where is my order",
        1,
        {
            "en": "Dear {customer_name},\n\nthank you for writing; waiting without news is unpleasant. I have looked up order "
            "{order} and will check with the carrier today. You will hear from me with the date of delivery, and if the "
            "parcel cannot be found I will send it again or refund it, as you prefer.\n\nKind regards\n{agent_name}",
            "it": "Gentile {customer_name},\n\ngrazie per averci scritto; capisco che attendere senza notizie sia spiacevole. "
            "Ho verificato l'ordine {order} e oggi stesso contatterò il corriere. Le comunicherò la data di consegna; se "
            "il pacco non si trova, lo spediremo di nuovo o la rimborseremo, come preferisce.\n\nCordiali saluti\n{agent_name}",
            "pt": "Estimado/a {customer_name},\n\nobrigado por nos escrever; sei que esperar sem notícias é desagradável. "
            "Verifiquei a encomenda {order} e vou contactar a transportadora hoje. Dir-lhe-ei a data de entrega; se a "
            "encomenda não aparecer, enviamos outra ou devolvemos o dinheiro, como preferir.\n\nCumprimentos\n{agent_name}",
        },
    ),
    "damaged-item": (
        "Item arrived damaged",
        1,
        {
            "en": "Dear {customer_name},\n\nI am sorry that your item arrived damaged. Please send a photo of it and of the "
            "packaging. Then you choose: a replacement at our cost, or your money back. Either is on its way within two "
            "working days of your answer.\n\nKind regards\n{agent_name}",
            "it": "Gentile {customer_name},\n\nmi dispiace che l'articolo sia arrivato danneggiato. Ci invii per favore una "
            "foto dell'articolo e dell'imballaggio. Poi scelga lei: sostituzione a nostre spese o rimborso. Provvederemo "
            "entro due giorni lavorativi dalla sua risposta.\n\nCordiali saluti\n{agent_name}",
            "pt": "Estimado/a {customer_name},\n\nlamento que o artigo tenha chegado danificado. Envie-nos por favor uma foto "
            "do artigo e da embalagem. Depois escolha: substituição por nossa conta ou reembolso. Tratamos disso no prazo "
            "de dois dias úteis após a sua resposta.\n\nCumprimentos\n{agent_name}",
        },
    ),
    "return-steps": (
        "How to return an item",
        1,
        {
            "en": "Dear {customer_name},\n\nof course you can return it. Within 30 days of delivery: put the item and the "
            "slip with number {ticket_number} in its box and hand it in at any parcel shop. The label is free. The money "
            "is back on your account within five working days of its arrival.\n\nKind regards\n{agent_name}",
            "it": "Gentile {customer_name},\n\ncerto, può restituirlo. Entro 30 giorni dalla consegna metta l'articolo e un "
            "foglio con il numero {ticket_number} nella scatola e lo consegni in un punto pacchi. L'etichetta è gratuita. "
            "Il rimborso arriva entro cinque giorni lavorativi dalla ricezione.\n\nCordiali saluti\n{agent_name}",
            "pt": "Estimado/a {customer_name},\n\nclaro que pode devolver. No prazo de 30 dias após a entrega, coloque o "
            "artigo e um papel com o número {ticket_number} na caixa e entregue-a num ponto de recolha. A etiqueta é "
            "gratuita. O dinheiro é devolvido até cinco dias úteis após a receção.\n\nCumprimentos\n{agent_name}",
        },
    ),
    "payment-check": (
        "A payment that does not look right",
        1,
        {
            "en": "Dear {customer_name},\n\nthank you for telling us. I am checking the payment for order {order} now. If we "
            "charged too much, the difference goes back to you today; if the bank holds it, I will tell you until when. "
            "You will have my answer under number {ticket_number}.\n\nKind regards\n{agent_name}",
            "it": "Gentile {customer_name},\n\ngrazie per la segnalazione. Sto verificando il pagamento dell'ordine {order}. "
            "Se l'addebito è eccessivo, la differenza le viene restituita oggi; se l'importo è trattenuto dalla banca, le "
            "dirò fino a quando. La mia risposta avrà il numero {ticket_number}.\n\nCordiali saluti\n{agent_name}",
            "pt": "Estimado/a {customer_name},\n\nobrigado por nos avisar. Estou a verificar o pagamento da encomenda {order}. "
            "Se cobrámos a mais, a diferença é devolvida hoje; se o banco reteve o valor, dir-lhe-ei até quando. A minha "
            "resposta terá o número {ticket_number}.\n\nCumprimentos\n{agent_name}",
        },
    ),
    "specialist-takes-over": (
        "A specialist takes over",
        2,
        {
            "en": "Dear {customer_name},\n\nyour case {ticket_number} is now with me. I have read everything so far, so you "
            "need not repeat anything. I am checking the facts and will tell you what we can do, and by when.\n\n"
            "Kind regards\n{agent_name}",
            "it": "Gentile {customer_name},\n\nora mi occupo io del suo caso {ticket_number}. Ho letto tutto, quindi non deve "
            "ripetere nulla. Sto verificando i fatti e le dirò che cosa possiamo fare ed entro quando.\n\n"
            "Cordiali saluti\n{agent_name}",
            "pt": "Estimado/a {customer_name},\n\no seu caso {ticket_number} está agora comigo. Li tudo até aqui, por isso não "
            "precisa de repetir nada. Estou a verificar os factos e dir-lhe-ei o que podemos fazer e até quando.\n\n"
            "Cumprimentos\n{agent_name}",
        },
    ),
    "cannot-grant": (
        "When we cannot grant a request",
        None,
        {
            "en": "Dear {customer_name},\n\nI understand why you ask, and I have looked at what is possible. We cannot do "
            "this in your case. What we can offer is set out below; tell me which you prefer and I will arrange it. If you "
            "see the facts differently, write them down for me and a second person will look at them.\n\n"
            "Kind regards\n{agent_name}",
            "it": "Gentile {customer_name},\n\ncapisco la sua richiesta e ho verificato che cosa è possibile. In questo caso "
            "non possiamo accoglierla. Qui sotto trova ciò che possiamo offrire; mi dica che cosa preferisce e provvederò. "
            "Se vede i fatti diversamente, me li scriva e li esaminerà un'altra persona.\n\nCordiali saluti\n{agent_name}",
            "pt": "Estimado/a {customer_name},\n\ncompreendo o seu pedido e verifiquei o que é possível. Neste caso não "
            "podemos aceitá-lo. Abaixo está o que podemos oferecer; diga-me o que prefere e eu trato disso. Se vê os factos "
            "de outra forma, escreva-mos e outra pessoa irá analisá-los.\n\nCumprimentos\n{agent_name}",
        },
    ),
}
