"""The policy file: its values, as lines for policy.cob and as events of the three mappings."""

import datetime

from people import MAKES, STREETS, full_name
from rendering import (Sequence, cyymmdd, day, db2_timestamp, digits, iso_date, iso_moment, number,
                       signed, text, yyddd, yyyymmdd)

POLICIES = 120
CODE_PAGE = "IBM1047"
BLOCK_SIZE = 4096
NO_DATE = "0001-01-01"
KINDS = {"MOT": "V", "HOM": "B", "LIF": "L"}
CAUSES = ["HAIL", "FIRE", "THEFT", "COLLISION", "WATER"]


def _key(policy, record_type, sequence_no):
    return {"policy": policy, "type": record_type, "sequence_no": sequence_no}


def _header(sequence, policy, index):
    begin = 15000 + sequence.below(4000)
    header = _key(policy, "10", 0)
    header.update({
        "line": sequence.pick(sorted(KINDS)),
        "status": sequence.pick("IIIILC"),
        "holder": full_name(sequence),
        "birth": day(sequence.below(25000) - 12000),
        "inception": day(begin),
        "expiry": day(begin + 365) if index % 3 else None,
        "premium": sequence.below(300000),
        "sum_insured": sequence.below(10**9) * 1000,
        "discount": sequence.pick([0, 5, 125, 50, -20]),
        "agent": sequence.below(1000),
    })
    return header


def _risk(sequence, kind):
    if kind == "V":
        return {"plate": "M-CB " + str(sequence.below(10000)), "make": sequence.pick(MAKES),
                "registered": day(10000 + sequence.below(9000)) if sequence.below(6) else None,
                "power": 40 + sequence.below(300)}
    if kind == "B":
        return {"street": sequence.pick(STREETS) + " " + str(1 + sequence.below(200)),
                "postal_code": digits(sequence.below(100000), 5),
                "built": 1880 + sequence.below(140), "area": sequence.below(9000),
                "storeys": 1 + sequence.below(9)}
    return {"insured": full_name(sequence), "sum_at_death": sequence.below(10**6) * 100,
            "smoker": sequence.pick("YN"), "age": sequence.below(100)}


def _coverage(sequence, policy, sequence_no, kind):
    coverage = _key(policy, "20", sequence_no)
    coverage.update({
        "code": sequence.pick(["BASE", "PLUS", "TOP"]),
        "kind": kind,
        "premium": sequence.below(100000) - 5000,
        "deductible": sequence.pick([0, 150, 500, 99999]),
    })
    coverage.update(_risk(sequence, kind))
    return coverage


def _claim(sequence, policy, sequence_no, payments):
    loss = sequence.below(19000)
    reported = datetime.datetime(1970, 1, 1) + datetime.timedelta(
        days=loss + 3, seconds=sequence.below(86400), microseconds=sequence.below(10**6))
    claim = _key(policy, "30", sequence_no)
    claim.update({
        "claim_no": "CL" + digits(sequence.below(10**9), 10),
        "loss": day(loss),
        "reported": reported,
        "cause": sequence.pick(CAUSES),
        "reserve": 0 if payments == 0 else sequence.below(2000000) - 100000,
        "payments": [{"on": day(loss + 30 * (number_ + 1)),
                      "amount": sequence.below(900000) - 50000,
                      "to": full_name(sequence)[:16].rstrip()} for number_ in range(payments)],
    })
    return claim


def values():
    """The values of every record, in the order of the file."""
    sequence = Sequence(31)
    records = []
    for index in range(POLICIES):
        policy = "POL" + digits(4711 + index * 13, 7)
        header = _header(sequence, policy, index)
        records.append(header)
        for coverage_no in range(1 + sequence.below(3)):
            records.append(_coverage(sequence, policy, coverage_no + 1, KINDS[header["line"]]))
        for claim_no in range(sequence.below(3)):
            # The first claims show the table empty, full, and in between.
            payments = sequence.pick([0, 12, 1, 2, 3])
            records.append(_claim(sequence, policy, claim_no + 1, payments))
    return records


def _date_text(date):
    return date.isoformat() if date else NO_DATE


def _header_line(header):
    return (header["line"] + header["status"] + text(header["holder"], 30)
            + digits(cyymmdd(header["birth"]), 7) + _date_text(header["inception"])
            + _date_text(header["expiry"]) + signed(header["premium"], 11)
            + signed(header["sum_insured"], 15) + signed(header["discount"], 3)
            + digits(header["agent"], 6))


def _risk_line(coverage):
    if coverage["kind"] == "V":
        return (text(coverage["plate"], 10) + text(coverage["make"], 20)
                + digits(yyyymmdd(coverage["registered"]), 8) + digits(coverage["power"], 4))
    if coverage["kind"] == "B":
        return (text(coverage["street"], 25) + text(coverage["postal_code"], 6)
                + digits(coverage["built"], 4) + signed(coverage["area"], 7)
                + digits(coverage["storeys"], 1))
    return (text(coverage["insured"], 25) + signed(coverage["sum_at_death"], 13)
            + coverage["smoker"] + digits(coverage["age"], 3))


def _coverage_line(coverage):
    return (text(coverage["code"], 4) + coverage["kind"] + signed(coverage["premium"], 9)
            + digits(coverage["deductible"], 5) + _risk_line(coverage))


def _claim_line(claim):
    payments = "".join(digits(yyyymmdd(payment["on"]), 8) + signed(payment["amount"], 11)
                       + text(payment["to"], 16) for payment in claim["payments"])
    return (text(claim["claim_no"], 12) + digits(yyddd(claim["loss"]), 5)
            + db2_timestamp(claim["reported"]) + text(claim["cause"], 20)
            + signed(claim["reserve"], 11) + digits(len(claim["payments"]), 2) + payments)


def line(record):
    """The line that policy.cob reads."""
    rest = {"10": _header_line, "20": _coverage_line, "30": _claim_line}[record["type"]]
    return (text(record["policy"], 10) + record["type"] + digits(record["sequence_no"], 4)
            + rest(record))


def _key_event(record):
    return {"policy_number": record["policy"], "sequence_no": number(record["sequence_no"])}


def _header_event(header):
    return {
        "key": _key_event(header),
        "line_of_business": header["line"],
        "status": header["status"],
        "holder_name": header["holder"],
        "birth_date": iso_date(header["birth"]),
        "inception_date": iso_date(header["inception"]),
        "expiry_date": iso_date(header["expiry"]),
        "annual_premium": number(header["premium"], 2),
        "sum_insured": number(header["sum_insured"], 2),
        "discount": number(header["discount"], 3),
        "agent_no": digits(header["agent"], 6),
    }


def _risk_event(coverage):
    if coverage["kind"] == "V":
        return "vehicle", {"licence_plate": coverage["plate"], "make": coverage["make"],
                           "first_registered": iso_date(coverage["registered"]),
                           "power_kw": number(coverage["power"])}
    if coverage["kind"] == "B":
        return "building", {"street": coverage["street"], "postal_code": coverage["postal_code"],
                            "year_built": number(coverage["built"]),
                            "floor_area": number(coverage["area"], 1),
                            "storeys": number(coverage["storeys"])}
    return "life", {"insured_name": coverage["insured"],
                    "sum_at_death": number(coverage["sum_at_death"], 2),
                    "is_smoker": coverage["smoker"], "entry_age": number(coverage["age"])}


def _coverage_event(coverage):
    name, risk = _risk_event(coverage)
    return {
        "key": _key_event(coverage),
        "coverage_code": coverage["code"],
        "kind": coverage["kind"],
        "premium": number(coverage["premium"], 2),
        "deductible": number(coverage["deductible"]),
        name: risk,
    }


def _claim_event(claim):
    return {
        "key": _key_event(claim),
        "claim_number": claim["claim_no"],
        "loss_date": iso_date(claim["loss"]),
        "reported_at": iso_moment(claim["reported"]),
        "cause": claim["cause"],
        "reserve": number(claim["reserve"], 2),
        "payment_count": number(len(claim["payments"])),
        "payments": [{"paid_on": iso_date(payment["on"]), "amount": number(payment["amount"], 2),
                      "paid_to": payment["to"]} for payment in claim["payments"]],
    }


def event(record):
    """The body that the record's mapping makes of it."""
    return {"10": _header_event, "20": _coverage_event, "30": _claim_event}[record["type"]](record)


def is_published(record):
    """`only_if` of the mappings: only policy-claim.yaml has one."""
    return record["type"] != "30" or record["reserve"] != 0 or bool(record["payments"])


def key(record):
    """The event's key: all records of a policy keep their order."""
    return record["policy"]


def subject(record):
    """The event's subject."""
    number_ = digits(record["sequence_no"], 4)
    return {"10": "policy/" + record["policy"],
            "20": "policy/" + record["policy"] + "/coverage/" + number_,
            "30": "policy/" + record["policy"] + "/claim/" + number_}[record["type"]]
