// Text, unions, arrays and records; members that are not as the schema has them.
#include <gtest/gtest.h>

#include "tests/unit/avro/support.h"

namespace copybridge::avro {
namespace {

Type numbers_and_text() {
  return record_of({field_of("A", of(Kind::int32)), field_of("B", of(Kind::string)),
                    optional("C", of(Kind::int32)), field_of("D", of(Kind::int32))});
}

TEST(AvroString, IsItsBytesBehindTheirNumber) {
  const Type type = of(Kind::string);
  EXPECT_EQ(value_of(type, R"("")"), "00");
  EXPECT_EQ(value_of(type, R"("ab" )"), "046162");
  EXPECT_EQ(value_of(type, "\"\u00e9\u4e2d\""), "0AC3A9E4B8AD");
  EXPECT_EQ(value_of(type, '"' + std::string(64, 'x') + '"').substr(0, 6), "800178");
}

TEST(AvroString, HasNoEscapes) {
  const Type type = of(Kind::string);
  EXPECT_EQ(value_of(type, R"("\"\\\/\n\u0001\u00e9\ud83d\ude00")"), "16225C2F0A01C3A9F09F9880");
  EXPECT_EQ(value_of(type, R"("\ud83d")"), "avro: /A: an escape that is none");
  EXPECT_EQ(value_of(type, R"("\x")"), "avro: /A: an escape that is none");
}

TEST(AvroBoolean, IsOneByte) {
  EXPECT_EQ(value_of(of(Kind::boolean), "true"), "01");
  EXPECT_EQ(value_of(of(Kind::boolean), "false"), "00");
  EXPECT_EQ(value_of(of(Kind::boolean), "truth"), "avro: /A: no JSON");
}

TEST(AvroUnion, BeginsWithTheBranchThatTheJsonTells) {
  const Type raw = record_of({field_of("raw", of(Kind::string))});
  const Type type = any_of({of(Kind::null), decimal(5, 1), raw});
  EXPECT_EQ(value_of(type, "null"), "00");
  EXPECT_EQ(value_of(type, "-1.5"), "0202F1");
  EXPECT_EQ(value_of(type, R"({"raw":"FF"})"), "04044646");
  EXPECT_EQ(value_of(type, R"("1.5")"), "avro: /A: another kind of value than the schema has");
  EXPECT_EQ(value_of(type, R"({"row":"FF"})"), "avro: /A/row: is no field of the schema");
  EXPECT_EQ(value_of(any_of({of(Kind::string), raw}), "\"a\""), "000261");
}

TEST(AvroArray, IsOneBlock) {
  const Type type = array_of(of(Kind::int32));
  EXPECT_EQ(value_of(type, "[]"), "00");
  EXPECT_EQ(value_of(type, "[1, 2,-3]"), "0602040500");
  std::string many = "[0";
  for (int i = 1; i < 100; ++i) many += ",0";
  EXPECT_EQ(value_of(type, many + "]"), "C801" + std::string(200, '0') + "00");
}

TEST(AvroArray, NamesTheItemThatDoesNotFit) {
  const Type items =
      record_of({field_of("N", array_of(any_of({of(Kind::null), of(Kind::int32)})))});
  const Type type = array_of(items);
  EXPECT_EQ(value_of(type, R"([{"N":[1,null]},{"N":[]}])"),
            "04040202000000"
            "00");
  EXPECT_EQ(value_of(type, R"([{"N":[1]},{"N":[null,2,"x"]}])"),
            "avro: /A/1/N/2: another kind of value than the schema has");
  EXPECT_EQ(value_of(type, R"([{"N":[1]},7])"),
            "avro: /A/1: another kind of value than the schema has");
}

TEST(AvroRecord, HasItsFieldsInOrder) {
  EXPECT_EQ(written(numbers_and_text(), R"({"A":1,"B":"x","C":2,"D":3})"), "020278020406");
  EXPECT_EQ(written(numbers_and_text(), R"( { "A" : 1 , "B" : "x" , "C" : null , "D" : 3 } )"),
            "0202780006");
}

TEST(AvroRecord, HasNullForAMemberThatIsNotThere) {
  EXPECT_EQ(written(numbers_and_text(), R"({"A":1,"B":"x","D":3})"), "0202780006");
  EXPECT_EQ(
      written(record_of({optional("A", of(Kind::int32)), optional("B", of(Kind::int32))}), "{}"),
      "0000");
}

TEST(AvroRecord, TakesMembersInAnyOrder) {
  EXPECT_EQ(written(numbers_and_text(), R"({"D":3,"C":2,"B":"x","A":1})"), "020278020406");
  EXPECT_EQ(written(numbers_and_text(), R"({"B":"x","A":1,"D":3})"), "0202780006");
  const Type nested =
      record_of({field_of("A", array_of(numbers_and_text())), field_of("B", numbers_and_text()),
                 field_of("C", of(Kind::int32))});
  const std::string one = R"({"D":3,"A":1,"B":"x"})";
  EXPECT_EQ(written(nested, R"({"C":1,"B":)" + one + R"(,"A":[)" + one + "," + one + "]}"),
            "04"
            "0202780006"
            "0202780006"
            "00"
            "0202780006"
            "02");
}

TEST(AvroRecord, NamesMembersThatAreMissingUnknownOrTwice) {
  EXPECT_EQ(written(numbers_and_text(), R"({"A":1,"B":"x"})"),
            "avro: /D: is missing, and the schema has no default for it");
  EXPECT_EQ(written(numbers_and_text(), "{}"),
            "avro: /A: is missing, and the schema has no default for it");
  EXPECT_EQ(written(numbers_and_text(), R"({"A":1,"B":"x","D":3,"E":[{}]})"),
            "avro: /E: is no field of the schema");
  EXPECT_EQ(written(numbers_and_text(), R"({"A":1,"B":"x","D":3,"a/b~":1})"),
            "avro: /a~1b~0: is no field of the schema");
  EXPECT_EQ(written(numbers_and_text(), R"({"A":1,"B":"x","D":3,"A":1})"),
            "avro: /A: occurs twice");
}

TEST(AvroRecord, FindsMembersByTheNameThatIsPrinted) {
  Field quoted = field_of("x_y", of(Kind::int32));
  quoted.member = "x\"y";
  quoted.key = R"("x\"y")";
  const Type type = record_of({quoted, field_of("B", of(Kind::int32))});
  EXPECT_EQ(written(type, R"({"x\"y":1,"B":2})"), "0204");
  EXPECT_EQ(written(type, R"({"B":2,"x\"y":1})"), "0204");
  EXPECT_EQ(written(type, R"({"B":2,"x\"y":null})"),
            "avro: /x\"y: another kind of value than the schema has");
}

TEST(AvroAlternatives, WithTheSameNamesAreToldByTheirMembers) {
  const Type type = record_of({optional("X", of(Kind::int32), 1), optional("Y", of(Kind::int32), 1),
                               optional("X", of(Kind::int32), 2), optional("Z", of(Kind::int32), 2),
                               field_of("END", of(Kind::int32))});
  EXPECT_EQ(written(type, R"({"X":1,"Y":2,"END":9})"), "02020204000012");
  EXPECT_EQ(written(type, R"({"X":1,"Z":2,"END":9})"), "00000202020412");
  EXPECT_EQ(written(type, R"({"END":9})"), "0000000012");
  EXPECT_EQ(written(type, R"({"X":1,"END":9})"),
            "avro: /X: belongs to none of the schema's alternatives");
}

TEST(AvroAlternatives, WithTheSameMembersAreToldByTheirTypes) {
  const Type a = record_of({field_of("N", of(Kind::int32))});
  const Type b = record_of({field_of("N", of(Kind::string)), field_of("M", of(Kind::string))});
  const Type type = record_of({optional("body", a, 1), optional("body", b, 2)});
  EXPECT_EQ(written(type, R"({"body":{"N":1}})"), "020200");
  EXPECT_EQ(written(type, R"({"body":{"N":"a","M":"b"}})"), "000202610262");
  EXPECT_EQ(written(type, R"({"body":{"N":"a"}})"),
            "avro: /body: belongs to none of the schema's alternatives");
}

TEST(AvroAlternatives, AreNotTriedOnceTheTextIsNoJson) {
  const Type object = record_of({field_of("Y", of(Kind::string))});
  const Type type = record_of(
      {optional("X", object, 1), optional("X", of(Kind::int32), 2), optional("Z", object, 2)});
  EXPECT_EQ(written(type, R"({"X":{"Y"="a"}})"), "avro: the event: no JSON");
  EXPECT_EQ(written(type, R"({"X":1,"Z":{"Y"="a"}})").substr(0, 5), "avro:");
}

TEST(AvroAlternatives, OfWhichOneHasAllMembersOfTheOther) {
  const Type type =
      record_of({optional("X", of(Kind::int32), 1), optional("X", of(Kind::int32), 2),
                 optional("Y", of(Kind::int32), 2), optional("IS-X", of(Kind::boolean), 2)});
  EXPECT_EQ(written(type, R"({"X":1})"), "0202000000");
  EXPECT_EQ(written(type, R"({"X":1,"Y":2})"),
            "0002020204"
            "00");
  EXPECT_EQ(written(type, R"({"X":1,"Y":2,"IS-X":true})"),
            "0002020204"
            "0201");
}

TEST(AvroEvent, IsOneValue) {
  const Type type = record_of({field_of("A", of(Kind::int32))});
  for (const char* text : {"", "{", R"({"A":1)", R"({"A":1}})", R"({"A":1} 2)", R"({"A"})",
                           R"({"A":1,})", R"({"A":"x})", "{\"A\":1 \"\xFF\"}"})
    EXPECT_EQ(written(type, text).substr(0, 5), "avro:") << text;
  EXPECT_EQ(written(type, "[]"), "avro: the event: another kind of value than the schema has");
  EXPECT_EQ(written(type, "{"), "avro: the event: no JSON");
}

TEST(AvroWriter, GoesOnAfterAnEventThatDoesNotFit) {
  Writer writer(numbers_and_text());
  EXPECT_EQ(written(writer, R"({"A":1,"B":"x","D":3.5})").substr(0, 8), "avro: /D");
  EXPECT_EQ(written(writer, R"({"A":1,"B":"x","D":3})"), "0202780006");
}

}  // namespace
}  // namespace copybridge::avro
