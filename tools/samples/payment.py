"""The payment messages: their values, as lines for payment.cob and as events of payment.yaml."""

import datetime

from people import full_name
from rendering import (Sequence, day, db2_timestamp, digits, iso_date, iso_moment, masked, number,
                       signed, text, yyyymmdd)

MESSAGES = 40
MESSAGE_SIZE = 250
CODE_PAGE = "IBM037"
TIME_ZONE = "Europe/Berlin"
TYPES = ["PREQ", "PREQ", "PREQ", "PCAN", "PTST"]


def _iban(sequence):
    return sequence.pick(["DE", "FR", "SE"]) + digits(sequence.below(10**9) * 97, 20)


def _message(sequence, index):
    created = datetime.datetime(2024, 1, 15, 8) + datetime.timedelta(
        days=index * 9, seconds=sequence.below(36000), microseconds=sequence.below(10**6))
    return {
        "type": TYPES[index % len(TYPES)],
        "id": "PM" + created.strftime("%y%j") + digits(index, 9),
        "created": created,
        "debtor": full_name(sequence),
        "debtor_iban": _iban(sequence),
        "creditor": full_name(sequence),
        "creditor_iban": _iban(sequence),
        "amount": sequence.below(50000000) - (2000000 if index % 7 == 3 else 0),
        "currency": sequence.pick(["EUR", "USD", "CHF"]),
        "execution": day(19737 + index * 9) if index % 4 else None,
        "priority": sequence.below(10),
        "charges": sequence.below(5000) - 1000,
        "retries": sequence.below(4),
        "remittance": sequence.pick(["Invoice " + str(7000 + index), "Rent [May] ^ 50% | £", "",
                                     "Gehalt für März", "{ref} \"quoted\" \\ ¬"]),
    }


def values():
    """The values of every message, in order."""
    sequence = Sequence(777)
    messages = [_message(sequence, index) for index in range(MESSAGES)]
    messages[1].update({"amount": 10**13 - 1, "charges": 9999999, "retries": 9999})
    messages[2].update({"amount": 1 - 10**13, "charges": -9999999, "retries": -9999})
    messages[5].update({"amount": 0, "charges": 0, "retries": 0})
    return messages


def line(message):
    """The line that payment.cob reads."""
    return (message["type"] + "01" + text(message["id"], 16) + db2_timestamp(message["created"])
            + text(message["debtor"], 30) + text(message["debtor_iban"], 34)
            + text(message["creditor"], 30) + text(message["creditor_iban"], 34)
            + signed(message["amount"], 13) + message["currency"]
            + digits(yyyymmdd(message["execution"]), 8) + digits(message["priority"], 1)
            + signed(message["charges"], 7) + signed(message["retries"], 4)
            + text(message["remittance"], 35))


def is_published(message):
    """`only_if` of payment.yaml."""
    return message["type"] != "PTST"


def event(message):
    """The body that payment.yaml makes of the message."""
    return {
        "pmtMessageType": message["type"],
        "id": message["id"],
        "createdAt": iso_moment(message["created"], TIME_ZONE),
        "debtor": {"name": message["debtor"], "iban": masked(message["debtor_iban"], 4)},
        "creditor": {"name": message["creditor"], "iban": masked(message["creditor_iban"], 4)},
        "amount": number(message["amount"], 2),
        "currency": message["currency"],
        "pmtExecutionDate": iso_date(message["execution"]),
        "pmtPriority": number(message["priority"]),
        "pmtCharges": number(message["charges"], 2),
        "pmtRetryCount": number(message["retries"]),
        "pmtRemittance": message["remittance"],
    }


def key(message):
    """The event's key."""
    return message["id"]


def subject(message):
    """The event's subject."""
    return "payment/" + message["type"] + "/" + message["id"]
