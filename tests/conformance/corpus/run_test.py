#!/usr/bin/env python3
"""The runner itself: right expectations pass, wrong ones fail, whatever their form."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import stat
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import compare
import documents
import floats
import layout
from cases import BINARY, COPYBOOK, RECORDS, ROWS, Corpus
from compare import decimal
from cobrix_options import OPTIONS, translate
from harness import Number, Waived, load_json


class Rows(unittest.TestCase):
    def setUp(self):
        self.corpus = Corpus()

    def outcome(self, *arguments):
        return self.corpus.run(*arguments)

    def test_right_rows_pass(self):
        self.corpus.rows("inline_right", ROWS)
        code, text = self.outcome()
        self.assertEqual(code, 0, text)
        self.assertRegex(text, r"cobrix/inline_\*\s+1\s+0\s+0")

    def require_failure(self, rows, place):
        self.corpus.rows("inline_wrong", rows)
        code, text = self.outcome()
        self.assertEqual(code, 1, text)
        self.assertIn(place, text)

    def test_a_wrong_number_fails(self):
        self.require_failure([ROWS[0], {"A": "DEF", "N": -0.13}], "row 2: $.N: -0.12, not -0.13")

    def test_a_wrong_text_fails(self):
        self.require_failure([{"A": "ABD", "N": 123.45}, ROWS[1]], "$.A")

    def test_a_missing_row_fails(self):
        self.require_failure(ROWS[:1], "2 rows, not 1")

    def test_a_row_too_many_fails(self):
        self.require_failure(ROWS + ROWS[:1], "2 rows, not 3")

    def test_a_root_segments_id_may_end_with_low_values(self):
        copybook = COPYBOOK.replace("05  N ", "05  ID  PIC X(3).\n           05  N ")
        about = {"origin": "cobrix_inline_test", "options": {"segment_field": "ID",
                                                             "segment_id_root": "C"},
                 "copybooks": ["copybook.cpy"], "data_files": ["data.bin"]}
        self.corpus.case("cobrix/inline_root", about, copybook__cpy=copybook,
                         data__bin=bytes.fromhex("C1C2C3D70000" "12345C" "C4C5C6C30000" "00012D"),
                         expected__jsonl=json.dumps({"A": "DEF", "ID": "C", "N": -0.12}) + "\n")
        code, text = self.outcome()
        self.assertEqual(code, 0, text)

    def test_rows_in_another_order_fail(self):
        self.require_failure(ROWS[::-1], "row 1")

    def test_a_member_too_many_fails(self):
        self.require_failure([{"A": "ABC"}, ROWS[1]], "is not expected")

    def test_a_member_that_is_missing_fails(self):
        self.require_failure([{**ROWS[0], "B": 1}, ROWS[1]], "$.B: 1 is missing")

    def test_an_option_that_the_table_lacks_fails(self):
        self.corpus.rows("inline_option", ROWS, no_such_option="1")
        code, text = self.outcome()
        self.assertEqual(code, 1, text)
        self.assertIn("option no_such_option is not in the runner's table", text)

    def test_failures_may_be_expected_of_a_source_by_name_only(self):
        self.corpus.rows("inline_wrong", ROWS[:1])
        code, text = self.outcome("--not-yet", "cobrix/inline_*")
        self.assertEqual(code, 0, text)
        self.assertIn("not yet: cobrix/inline_*: 1 failed", text)
        self.assertEqual(self.outcome("--not-yet", "genapp")[0], 1)

    def test_a_case_without_files_fails(self):
        self.corpus.rows("inline_right", ROWS)
        (self.corpus.root / "cobrix/inline_right/data.bin").unlink()
        self.assertEqual(self.outcome()[0], 1)

    def test_a_waiver_is_counted_with_its_reason(self):
        self.corpus.rows("inline_waived", ROWS, record_extractor="com.example.X")
        code, text = self.outcome()
        self.assertEqual(code, 0, text)
        self.assertIn("a class of the user's JVM", text)
        self.assertRegex(text, r"cobrix/inline_\*\s+0\s+1\s+0")

    def test_text_in_other_columns_is_read_in_these(self):
        self.corpus.rows("inline_columns", ROWS, comments_lbound="2", comments_ubound="40")
        text = "".join(f"XY{line.strip():38}REST\n" for line in COPYBOOK.splitlines())
        (self.corpus.root / "cobrix/inline_columns/copybook.cpy").write_text(text)
        code, text = self.outcome()
        self.assertEqual(code, 0, text)

    def test_an_empty_folder_fails(self):
        self.assertEqual(self.outcome()[0], 1)


class Mistakes(unittest.TestCase):
    def test_what_must_be_refused_and_is_not_fails(self):
        corpus = Corpus()
        corpus.mistake("err_none", "load")
        code, text = corpus.run()
        self.assertEqual(code, 1, text)
        self.assertIn("exit code 0, not 1 with a message", text)

    def test_a_flag_that_the_program_does_not_have_is_no_refusal(self):
        corpus = Corpus()
        corpus.mistake("err_flag", "load", field_that_is_none="x")
        self.assertEqual(corpus.run()[0], 1)

    def test_options_that_exclude_each_other_there_are_refused_here(self):
        for options in ({"encoding": "ebcdic", "ascii_charset": "us-ascii"},
                        {"encoding": "latin"}, {"record_format": "X"},
                        {"record_format": "D", "is_text": "true"},
                        {"record_length": "8", "maximum_record_length": "9"},
                        {"record_format": "FB", "block_length": "2", "records_per_block": "2"},
                        {"redefine_rule:1": "A > 1"}, {"redefine_segment_id_map:1": "A = 1"},
                        {"truncate_comments": "false", "comments_lbound": "3"},
                        {"record_length_map": "{", "record_length_field": "A"},
                        {"string_trimming_policy": "middle"},
                        {"floating_point_format": "decimal"}):
            corpus = Corpus()
            corpus.mistake("err_pair", "load", **options)
            code, text = corpus.run()
            self.assertEqual(code, 0, f"{options}: {text}")
            self.assertRegex(text, r"cobrix/err_\*\s+1\s+0\s+0")

    def test_a_mistake_in_the_data_is_no_mistake_of_options(self):
        corpus = Corpus()
        corpus.mistake("err_data", "load", data=RECORDS[:4])
        self.assertEqual(corpus.run()[0], 1)
        corpus.mistake("err_read", "read", data=RECORDS[:4])
        code, text = corpus.run("--case", "err_read")
        self.assertEqual(code, 0, text)


class Waivers(unittest.TestCase):
    def failing(self, reason, count):
        loader = importlib.machinery.SourceFileLoader("run", str(HERE / "run"))
        run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", loader))
        loader.exec_module(run)
        results = [run.Result("s", str(number), Waived(reason) if number < count else None)
                   for number in range(100)]
        with contextlib.redirect_stdout(io.StringIO()):
            return run.report(results, False)

    def test_three_of_a_hundred_need_no_rule(self):
        self.assertEqual(self.failing("too hard", 3), {})
        self.assertEqual(self.failing("too hard", 4), {"s": "4 waived without a rule"})

    def test_a_rule_has_its_document_named(self):
        self.assertEqual(self.failing("corpus README, Known mistakes in these sources", 50), {})
        self.assertEqual(self.failing("Language Reference, SIGN clause", 50), {})


class Tables(unittest.TestCase):
    def entry(self, literal):
        return {"pic": "S9(3)", "usage": "COMP-3", "bytes_hex": "123D", "options": {},
                "expected_json_literal": literal, "expected": json.loads(literal),
                "source": "test"}

    def run_entries(self, *literals):
        corpus = Corpus()
        corpus.lines("unit_cases.jsonl", [self.entry(literal) for literal in literals])
        return corpus.run()

    def test_a_right_value_passes(self):
        code, text = self.run_entries("-123")
        self.assertEqual(code, 0, text)

    def test_a_wrong_value_fails_and_its_neighbours_pass(self):
        code, text = self.run_entries("-123", "123", "-123")
        self.assertEqual(code, 1, text)
        self.assertRegex(text, r"unit_cases\.jsonl\s+2\s+0\s+1")

    def test_null_and_a_value_differ(self):
        self.assertEqual(self.run_entries("null")[0], 1)

    def test_a_value_that_is_known_to_be_wrong_is_compared_with_the_true_one(self):
        entry = {"pic": None, "usage": "COMP-1", "bytes_hex": "42640000", "options": {},
                 "expected_json_literal": "1.5625", "expected": 1.5625, "source": "test"}
        for truth, code in (("100.0", 0), ("101.0", 1)):
            corpus = Corpus()
            corpus.lines("unit_cases.jsonl",
                         [{**entry, "known_wrong": f"an exponent; true value {truth}"}])
            self.assertEqual(corpus.run()[0], code, truth)

    def test_a_page_that_icu_lacks_is_the_table_of_the_corpus(self):
        table = [0x20] * 256
        table[0xC1] = ord("Z")
        entry = {"pic": "X(1)", "usage": "DISPLAY", "bytes_hex": "C1",
                 "options": {"ebcdic_code_page": "cp274"}, "expected_json_literal": '"Z"',
                 "expected": "Z", "source": "test"}
        corpus = Corpus()
        corpus.lines("unit_cases.jsonl", [entry])
        corpus.lines("codepages.json", [{"cp274": {"kind": "single-byte",
                                                   "byte_to_codepoint": table}}])
        code, text = corpus.run("--source", "unit")
        self.assertEqual(code, 0, text)
        self.assertRegex(text, r"unit_cases\.jsonl\s+1\s+0\s+0")

    def test_a_wrong_character_of_a_code_page_fails(self):
        corpus = Corpus()
        table = list(range(256))
        corpus.lines("codepages.json", [{"cp037": {"kind": "single-byte",
                                                   "byte_to_codepoint": table}}])
        code, text = corpus.run()
        self.assertEqual(code, 1, text)
        self.assertIn("differ", text)


class Floats(unittest.TestCase):
    def same(self, left, right, data, form="ibm"):
        usage = "COMP-1" if len(data) == 8 else "COMP-2"
        return floats.same(decimal(left), decimal(right), usage, bytes.fromhex(data), form)

    def test_what_the_format_cannot_tell_apart_is_the_same(self):
        self.assertTrue(self.same("322.9365", "322.93652", "43142EFC"))
        self.assertTrue(self.same("4.0811483785E-85", "4.081148378506721E-85",
                                  "00000000CAF709B7"))
        self.assertTrue(self.same("322.9365", "322.93652", "FC2E1443", "IBM_little_endian"))
        self.assertTrue(self.same("0.1", "0.10000000149", "3DCCCCCD", "IEEE754"))

    def test_the_next_value_of_the_format_differs(self):
        self.assertFalse(self.same("322.9365", "322.9367", "43142EFC"))
        self.assertFalse(self.same("0.1", "0.1000001", "3DCCCCCD", "IEEE754"))


class Layouts(unittest.TestCase):
    XML = ('<copybook><item level="01" name="R" position="1" storage-length="6">'
           '<item level="05" name="A" position="1" storage-length="3"/>'
           '<item level="05" name="N" position="4" storage-length="%d"/></item></copybook>')

    def outcome(self, size, copybook=COPYBOOK):
        corpus = Corpus()
        corpus.case("cb2xml/one", {"source": "cb2xml"}, copybook__cpy=copybook,
                    **{"expected.layout.classic.xml": self.XML % size})
        return corpus.run()

    def test_the_right_layout_passes(self):
        code, text = self.outcome(3)
        self.assertEqual(code, 0, text)

    def test_a_wrong_size_fails(self):
        code, text = self.outcome(4)
        self.assertEqual(code, 1, text)
        self.assertIn("05 N at 4 size 3", text)

    def test_a_remark_names_no_record(self):
        remark = "      * A COPYBOOK.\n" + COPYBOOK.replace("01  R.", "03  R.")
        corpus = Corpus()
        corpus.case("cb2xml/one", {"source": "cb2xml"}, copybook__cpy=remark,
                    **{"expected.layout.classic.xml": (self.XML % 3).replace('"01"', '"03"')})
        code, text = corpus.run()
        self.assertEqual(code, 0, text)

    def test_what_no_compiler_takes_is_waived(self):
        for wrong in (COPYBOOK.replace("S9(3)V99", "S9(3)PVP"),
                      COPYBOOK.replace("R.", "R COMP-3."),
                      COPYBOOK.replace("X(3).", "X(3)")):
            code, text = self.outcome(4, wrong)
            self.assertIn("waived, by reason", text)
            self.assertNotIn("failed cb2xml", text)


class Documents(unittest.TestCase):
    def outcome(self, document, data=RECORDS, **about):
        corpus = Corpus()
        corpus.case("coboltojson/one", {"source": "coboltojson", "code_page": "cp037",
                                        "record_format": "fixed", "json_shape": "plain", **about},
                    data__bin=data, expected__json=json.dumps(document))
        return corpus.run()

    def test_the_right_document_passes(self):
        code, text = self.outcome({"R": ROWS})
        self.assertEqual(code, 0, text)

    def test_a_wrong_document_fails(self):
        self.assertEqual(self.outcome({"R": ROWS[:1] + ROWS[:1]})[0], 1)

    def require_document(self, document, copybook, **about):
        corpus = Corpus()
        corpus.case("coboltojson/one", {"source": "coboltojson", "code_page": "cp037",
                                        "record_format": "fixed", "json_shape": "plain", **about},
                    copybook__cpy=copybook, data__bin=RECORDS, expected__json=json.dumps(document))
        code, text = corpus.run()
        self.assertEqual(code, 0, text)

    def test_what_filler_groups_hold_may_stand_in_their_place(self):
        copybook = COPYBOOK.replace("05  N", "05  FILLER.\n             10  N")
        self.require_document({"R": ROWS}, copybook)
        self.require_document({"R": [{"A": row["A"]} for row in ROWS]}, copybook)

    def test_groups_give_way_to_their_members_unless_names_clash(self):
        copybook = COPYBOOK.replace("05  A   PIC X(3)", "05  G.\n             10  A   PIC X(3)")
        self.require_document({"R": ROWS}, copybook, flatten=True)
        self.assertEqual(documents.flattened({"G": {"A": "1", "H": {"Y": 1}}, "I": {"Y": 2}}),
                         {"A": "1", "H": {"Y": 1}, "I": {"Y": 2}})

    def test_groups_of_the_highest_level_are_records_where_a_case_selects_them(self):
        copybook = COPYBOOK.replace("01  R.", "03  R.") + "           03  S.\n" \
            "           05  B   PIC X(6).\n"
        self.require_document({"C": [{"R": ROWS[0]}]}, copybook,
                              record_selection={"R": "A=ABC", "S": "B=NONE"})

    def test_pages_formats_and_compilers_are_named_in_many_ways(self):
        for name, page in (("ASCII", "ISO-8859-1"), ("IBM01140 (LegStar's)", "1140"),
                           ("cp037", "037"), ("ISO-8859-15", "ISO-8859-15"), ("UTF-8", "UTF-8")):
            self.assertEqual(documents.code_page_of({"code_page": name}), page)
        for name, form in (("fixed", "F"), ("FB", "F"), ("V with RDW", "V"), ("VB", "VB"),
                           ("text lines, 80 bytes", "line")):
            self.assertEqual(documents.framing_of({"record_format": name})[1], form)
        for name, dialect in (("mainframe", []), ("Fujitsu NetCOBOL", []),
                              ("GNU COBOL -std=mf", ["--dialect", "micro-focus"]),
                              ("GNU COBOL -std=mvs", ["--dialect", "gnucobol-ibm"]),
                              ("GNU COBOL default", ["--dialect", "gnucobol"])):
            self.assertEqual(documents.dialect_of({"dialect": name}), dialect)

    def test_a_wrong_choice_fails(self):
        about = {"redefines": "default", "data_bytes": 6}
        self.assertEqual(self.outcome({"a": "ABC", "n": 123.46}, RECORDS[:6], **about)[0], 1)
        code, text = self.outcome({"a": "ABC", "n": 123.45}, RECORDS[:6], **about)
        self.assertEqual(code, 0, text)


class BrokenPrograms(unittest.TestCase):
    def outcome(self, script):
        corpus = Corpus()
        corpus.rows("inline_right", ROWS)
        path = corpus.root / "program"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return corpus.run(binary=str(path))

    def test_a_program_that_prints_nothing_fails(self):
        self.assertEqual(self.outcome("exit 0\n")[0], 1)

    def test_a_program_that_ends_by_a_signal_fails(self):
        code, text = self.outcome("kill -SEGV $$\n")
        self.assertEqual(code, 1)
        self.assertIn("signal 11", text)


class Comparing(unittest.TestCase):
    def difference(self, left, right, rules=compare.Rules()):
        left, right = load_json(json.dumps(left)), load_json(json.dumps(right))
        return compare.difference(compare.prune(left, rules), compare.prune(right, rules), rules)

    def test_numbers_are_exact(self):
        self.assertIsNone(compare.difference(Number("1.10"), Number("1.1"), compare.Rules()))
        wide = Number("1234567890123456789.01"), Number("1234567890123456789.02")
        self.assertIsNotNone(compare.difference(*wide, compare.Rules()))

    def test_a_double_is_equal_only_where_the_source_had_one(self):
        rules = compare.Rules()
        pair = Number("0.1"), Number("0.1000000000000000055")
        self.assertIsNotNone(compare.difference(*pair, rules))
        rules.through_double = True
        self.assertIsNone(compare.difference(*pair, rules))

    def test_null_is_absent_but_not_in_tables(self):
        self.assertIsNone(self.difference({"a": None, "b": {"c": None}}, {}))
        self.assertIsNotNone(self.difference([None, 1], [1]))

    def test_names_are_compared_without_case_and_hyphens(self):
        self.assertIsNone(self.difference({"ACCT_ID": 1}, {"acct-id": 1}))

    def test_text_and_number_differ(self):
        self.assertIsNotNone(self.difference({"a": "x"}, {"a": 1}))
        self.assertIsNotNone(self.difference({"a": ""}, {"a": 0}))


class Translating(unittest.TestCase):
    def arguments(self, **options):
        return translate(options, None).arguments()

    def test_every_option_of_the_table_is_callable(self):
        self.assertTrue(all(callable(function) for function in OPTIONS.values()))

    def test_contradictions_stay_contradictions(self):
        arguments = self.arguments(record_length="2", is_record_sequence="true")
        self.assertEqual(arguments.count("--recfm"), 2)

    def test_descriptors_are_little_endian_unless_told_otherwise(self):
        self.assertIn("little", self.arguments(record_format="V"))
        self.assertNotIn("little", self.arguments(record_format="V", is_rdw_big_endian="true"))

    def test_user_classes_are_waived(self):
        with self.assertRaises(Waived):
            self.arguments(record_header_parser="com.example.X")

    def test_unknown_words_are_the_programs_to_refuse(self):
        self.assertIn("X", self.arguments(record_format="X"))
        self.assertIn("middle", self.arguments(string_trimming_policy="middle"))
        self.assertIn("-1", self.arguments(record_format="FB", block_length="-1"))

    def test_the_same_format_twice_is_one_too_many(self):
        self.assertEqual(self.arguments(record_format="D", is_text="true").count("--recfm"), 2)

    def test_sizes_of_blocks_without_descriptors_change_nothing(self):
        self.assertNotIn("--block-size", self.arguments(record_format="FB", block_length="80"))

    def test_words_are_taken_in_any_case(self):
        self.assertEqual(self.arguments(is_record_sequence="TRUE"),
                         self.arguments(is_record_sequence="true"))


class Choices(unittest.TestCase):
    def test_an_unnamed_alternative_is_one_of_those_of_which_one_is_printed(self):
        corpus = Corpus()
        copybook = COPYBOOK + "           05  FILLER REDEFINES N.\n" \
            "             10  M   PIC X(3).\n"
        corpus.case("legstar-v3/one", {"source": "legstar-v3", "code_page": "cp037",
                                       "data_bytes": 6, "redefines": "default"},
                    copybook__cpy=copybook, data__bin=RECORDS[:6],
                    expected__json=json.dumps({"a": "ABC", "n": 123.45}))
        code, text = corpus.run()
        self.assertEqual(code, 0, text)


class Trees(unittest.TestCase):
    def test_levels_make_the_tree(self):
        entry = {"offset": 0, "size": 1, "usage": "display", "picture": "X", "occurs_max": None,
                 "depending_on": None, "redefines": None}
        names = [(1, "R"), (5, "G"), (10, "A"), (5, "B")]
        root = layout.tree([{**entry, "level": level, "name": name} for level, name in names])
        self.assertEqual([child.name for child in root.children], ["G", "B"])
        self.assertEqual(root.find("a").level, 10)


if __name__ == "__main__":
    if not BINARY:
        sys.exit("COPYBRIDGE_BINARY names the program")
    unittest.main(verbosity=1)
