"""The account master: its values, as lines for account.cob and as events of account.yaml."""

from people import FIRST_NAMES, LAST_NAMES
from rendering import (Sequence, day, digits, iso_date, masked, number, signed, text, yyddd,
                       yyyymmdd)

RECORDS = 1000
RECORD_SIZE = 200
BALANCE_OFFSET = 67
CODE_PAGE = "IBM1047"
NO_CLOSE_DATE = (0, 99999999)
MONTHS = (202401, 202402, 202403)
PRODUCTS = ["GIRO", "SAVE", "LOAN", "FX"]


def _ordinary(sequence, index):
    closed = index % 20 == 13
    opened = sequence.below(19000)
    return {
        "id": 1000 + index * 7,
        "status": "C" if closed else sequence.pick("AAAAAAABF"),
        "product": sequence.pick(PRODUCTS),
        "branch": sequence.below(500),
        "first_name": sequence.pick(FIRST_NAMES),
        "last_name": sequence.pick(LAST_NAMES),
        "ssn": sequence.below(10**9),
        "currency": sequence.pick(["EUR", "EUR", "USD", "GBP", "SEK"]),
        "balance": sequence.below(5000000) - 1000000,
        "credit_limit": sequence.below(50) * 100000,
        "overdraft": sequence.below(400000) - 200000,
        "rate": sequence.below(120000) - 5000,
        "opened": day(opened),
        "closed": day(opened + 400) if closed else sequence.pick(NO_CLOSE_DATE),
        "statement": sequence.pick([day(19700), day(19731), None, "LOW", "HIGH"]),
        "movement": day(opened + sequence.below(500)),
        "movement_count": sequence.below(10000),
        "statement_no": sequence.below(10**6),
        "entry_no": sequence.below(10**9) * 1000003,
        "months": [sequence.below(9000000) - 3000000 for _ in MONTHS],
    }


# The corners, among the first records: nothing, everything negative, the largest and the
# smallest values that the pictures hold, leap days and the edges of the century window.
_CORNERS = {
    1: {"id": 1, "branch": 0, "ssn": 0, "balance": 0, "credit_limit": 0, "overdraft": 0, "rate": 0,
        "opened": None, "closed": 0, "statement": None, "movement": None, "movement_count": 0,
        "statement_no": 0, "entry_no": 0, "months": [0, 0, 0]},
    2: {"balance": -1, "credit_limit": -123456, "overdraft": -10, "rate": -1,
        "movement_count": -1, "statement_no": -1, "entry_no": -1, "months": [-1, -10, -100]},
    3: {"id": 9999999999, "branch": 9999, "ssn": 999999999, "balance": 99999999999,
        "credit_limit": 99999999999, "overdraft": 999999999, "rate": 9999999,
        "movement_count": 9999, "statement_no": 999999999, "entry_no": 10**18 - 1,
        "months": [99999999999, 1, 10]},
    4: {"balance": -99999999999, "credit_limit": -99999999999, "overdraft": -999999999,
        "rate": -9999999, "movement_count": -9999, "statement_no": -999999999,
        "entry_no": 1 - 10**18, "months": [-99999999999, -1, 0]},
    5: {"opened": day(11016), "movement": day(11016), "closed": 99999999, "statement": "LOW"},
    6: {"opened": day(0), "movement": day(0), "statement": "HIGH"},
    7: {"movement": day(36524), "statement": day(19782)},
    8: {"first_name": "", "last_name": ""},
    9: {"first_name": "Þóra [jr] ^|!¬", "last_name": "{Größmann}\\\"~¢", "status": "B"},
}


def values():
    """The values of every record, in the order of the file."""
    sequence = Sequence(20240401)
    records = [_ordinary(sequence, index) for index in range(RECORDS)]
    for index, corner in _CORNERS.items():
        records[index].update(corner)
    return records


def _date_or_code(value):
    return value if isinstance(value, int) else yyyymmdd(value)


def _statement(value):
    return value if isinstance(value, str) else "" if value is None else str(yyyymmdd(value))


def line(account):
    """The line that account.cob reads."""
    months = "".join(digits(month, 6) + signed(balance, 11)
                     for month, balance in zip(MONTHS, account["months"]))
    return (digits(account["id"], 10) + account["status"] + text(account["product"], 4)
            + digits(account["branch"], 4) + text(account["first_name"], 15)
            + text(account["last_name"], 20) + digits(account["ssn"], 9) + account["currency"]
            + signed(account["balance"], 11) + signed(account["credit_limit"], 11)
            + signed(account["overdraft"], 9) + signed(account["rate"], 7)
            + digits(yyyymmdd(account["opened"]), 8) + digits(_date_or_code(account["closed"]), 8)
            + text(_statement(account["statement"]), 8) + digits(yyddd(account["movement"]), 5)
            + signed(account["movement_count"], 4) + signed(account["statement_no"], 9)
            + signed(account["entry_no"], 18) + months)


def is_published(account):
    """`only_if` of account.yaml."""
    return account["status"] != "C"


def event(account):
    """The body that account.yaml makes of the record."""
    closed, statement = account["closed"], account["statement"]
    return {
        "accountId": digits(account["id"], 10),
        "ACCT-STATUS": account["status"],
        "ACCT-PRODUCT": account["product"],
        "ACCT-BRANCH": digits(account["branch"], 4),
        "ACCT-HOLDER": {
            "ACCT-FIRST-NAME": account["first_name"],
            "ACCT-LAST-NAME": account["last_name"],
            "ACCT-SSN": masked(digits(account["ssn"], 9), 4),
        },
        "ACCT-CURRENCY": account["currency"],
        "balance": number(account["balance"], 2),
        "ACCT-CREDIT-LIMIT": number(account["credit_limit"], 2),
        "ACCT-OVERDRAFT": number(account["overdraft"], 2),
        "ACCT-INTEREST-RATE": number(account["rate"], 4),
        "ACCT-OPEN-DATE": iso_date(account["opened"]),
        "ACCT-CLOSE-DATE": None if isinstance(closed, int) else iso_date(closed),
        "ACCT-STATEMENT-DATE": None if isinstance(statement, str) else iso_date(statement),
        "ACCT-LAST-MOVEMENT": iso_date(account["movement"]),
        "ACCT-MOVEMENT-COUNT": number(account["movement_count"]),
        "ACCT-STATEMENT-NO": number(account["statement_no"]),
        "ACCT-LAST-ENTRY-NO": number(account["entry_no"]),
        "ACCT-MONTH": [{"ACCT-MONTH-ID": digits(month, 6), "ACCT-MONTH-BALANCE": number(balance, 2)}
                       for month, balance in zip(MONTHS, account["months"])],
    }


def key(account):
    """The event's key."""
    return digits(account["id"], 10)


def subject(account):
    """The event's subject."""
    return "account/" + key(account)


def decoded(account):
    """What `copybridge decode` prints without a mapping: no renaming, no dates, no mask."""
    statement = _statement(account["statement"])
    # X'9F' is what HIGH-VALUES are in IBM-1047: a control character that Unicode has as well.
    statement = {"LOW": "\0" * 8, "HIGH": "\x9f" * 8}.get(statement, statement)
    result = {"ACCT-REC-TYPE": "A", "ACCT-ID": number(account["id"])}
    for name, value in event(account).items():
        result[{"balance": "ACCT-BALANCE", "accountId": "ACCT-ID"}.get(name, name)] = value
    result["ACCT-ID"] = number(account["id"])
    result["ACCT-BRANCH"] = number(account["branch"])
    result["ACCT-HOLDER"]["ACCT-SSN"] = number(account["ssn"])
    result["ACCT-OPEN-DATE"] = number(yyyymmdd(account["opened"]))
    result["ACCT-CLOSE-DATE"] = number(_date_or_code(account["closed"]))
    result["ACCT-STATEMENT-DATE"] = statement
    result["ACCT-LAST-MOVEMENT"] = number(yyddd(account["movement"]))
    for month_id, month in zip(MONTHS, result["ACCT-MONTH"]):
        month["ACCT-MONTH-ID"] = number(month_id)
    return result
