// From a batch's records to events, and what is owed to each record.
#include "bridge/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bridge/records.h"

namespace copybridge::tests {
namespace {

using adapters::Fate;
using bridge::BadRecordWatch;
using bridge::Passage;
using bridge::Route;
using bridge::Share;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Route route(std::vector<std::shared_ptr<const mapping::Mapping>> mappings,
            const std::string& destination = "cloud") {
  Route made;
  made.mappings = std::move(mappings);
  made.destinations = {0};
  made.destination_names = destination;
  return made;
}

/// Routes and one passage through them.
struct Passing {
  explicit Passing(std::vector<Route> given, std::uint64_t in_row_max = 0)
      : routes(std::move(given)), watch(in_row_max, 0) {}

  void pass(std::unique_ptr<adapters::RecordBatch> batch) {
    passage.reset(std::move(batch), routes.size(), {});
    bridge::make_events(routes, "/bridge/accounts", passage);
    bridge::watch_records(watch, passage);
  }
  void pass(const std::vector<std::string>& records) { pass(batch_of(records)); }
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const publishers::Event& event : passage.events) all.emplace_back(event.id);
    return all;
  }

  std::vector<Route> routes;
  BadRecordWatch watch;
  Passage passage;
};

TEST(Route, MakesAnEventOfEveryRecordInOrder) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all")})});
  passing.pass({record('A', "K1", "0001"), record('A', "K2", "0002")});
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/all", "in/2/all"));
  EXPECT_EQ(passing.passage.pending, 2U);
}

TEST(Route, FillsAllAttributesOfAnEvent) {
  const Mappings mappings;
  Passing passing({route({mappings.load(
      "all", "event: {type: com.example.all, subject: \"no/{REC-NO}\", key: REC-KEY}\n")})});
  auto batch = batch_of({record('A', "K1", "0007")});
  batch->time_ms = 1'795'406'706'789;
  passing.pass(std::move(batch));
  const publishers::Event& event = passing.passage.events.at(0);
  EXPECT_EQ(event.source, "/bridge/accounts");
  EXPECT_EQ(event.type, "com.example.all");
  EXPECT_EQ(event.subject, "no/0007");
  EXPECT_EQ(event.key, "K1");
  EXPECT_EQ(event.time, "2026-11-23T04:05:06.789Z");
  EXPECT_EQ(event.body, R"({"REC-TYPE":"A","REC-KEY":"K1","REC-NO":7})");
}

TEST(Route, GivesEveryEventItsRecordsOwnTime) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all")})});
  auto batch =
      batch_of({record('A', "K1", "0001"), record('A', "K2", "0002"), record('A', "K3", "0003")});
  batch->record_times_ms = {1'795'406'706'789, 0, 1'795'406'707'000};
  passing.pass(std::move(batch));
  EXPECT_EQ(passing.passage.events.at(0).time, "2026-11-23T04:05:06.789Z");
  EXPECT_EQ(passing.passage.events.at(1).time, "");
  EXPECT_EQ(passing.passage.events.at(2).time, "2026-11-23T04:05:07.000Z");
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/all", "in/2/all", "in/3/all"));
}

TEST(Route, TakesHeadersAndTrailersToTheMappingsOfTheirPlace) {
  const Mappings mappings;
  Passing passing({route({mappings.load("detail"), mappings.load("header", "place: header\n")}),
                   route({mappings.load("trailer", "place: trailer\nmatch: REC-NO > 5\n")})});
  auto batch =
      batch_of({record('A', "K1", "0001"), record('A', "K2", "0002"), record('A', "K3", "0003")});
  batch->records[0].place = framing::RecordPlace::header;
  batch->records[2].place = framing::RecordPlace::trailer;
  passing.pass(std::move(batch));
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/header", "in/2/detail"));
  // A trailer is nothing to a route without a mapping for one, but a detail must match.
  EXPECT_EQ(passing.passage.fate(0, 1), Fate::filtered);
  EXPECT_EQ(passing.passage.fate(2, 0), Fate::filtered);
  std::vector<std::uint32_t> bad;
  for (const bridge::BadRecord& one : passing.passage.bad) bad.push_back(one.record);
  EXPECT_THAT(bad, ElementsAre(1U, 2U));
}

TEST(Route, NotesThePlaceOfADeadLetterForItsReplay) {
  using framing::RecordPlace;
  for (const RecordPlace place : {RecordPlace::detail, RecordPlace::header, RecordPlace::trailer}) {
    adapters::Attributes attributes;
    bridge::note_place(place, attributes);
    EXPECT_EQ(attributes.empty(), place == RecordPlace::detail);
    EXPECT_EQ(bridge::noted_place(SourceAttributes(attributes)), place);
  }
}

/// A batch of a queue's messages of two formats.
std::unique_ptr<adapters::RecordBatch> messages() {
  auto batch = batch_of({record('A', "K1", "0001"), record('A', "K2", "0002")});
  batch->attributes = {{"queue", "IN.Q"}, {"format", "MQSTR"}};
  batch->record_attributes = {{}, {{"format", "CARDREQ"}, {"reply-to", "OUT.Q"}}};
  return batch;
}

TEST(Route, ChoosesTheMappingByWhatTheSourceSays) {
  const Mappings mappings;
  Passing passing({route({mappings.load("other", "match_source: {queue: [A.Q, B.Q]}\n"),
                          mappings.load("card", "match_source: {format: CARDREQ, queue: IN.Q}\n"),
                          mappings.load("plain", "match_source: {reply-to: ''}\n")})});
  passing.pass(messages());
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/plain", "in/2/card"));
}

/// The same record in three code pages, as messages of a queue.
std::unique_ptr<adapters::RecordBatch> messages_of(const std::vector<std::string>& ccsids) {
  std::vector<std::string> records;
  for (const std::string& ccsid : ccsids)
    records.push_back(ccsid == "819" ? "AK10007" : record('A', "K1", "0007"));
  auto batch = batch_of(records);
  batch->attributes = {{"mq-queue", "IN.Q"}};
  for (const std::string& ccsid : ccsids)
    batch->record_attributes.push_back({{"mq-ccsid", ccsid}, {"mq-encoding", "785"}});
  return batch;
}

TEST(Route, ReadsEachMessageInTheCodePageThatItSays) {
  const Mappings mappings;
  Passing passing({route({mappings.load(
      "all", "codepage: from-message\nmatch: REC-TYPE = 'A'\nonly_if: REC-NO > 5\n")})});
  passing.pass(messages_of({"37", "819", "37", "1047"}));
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/all", "in/2/all", "in/3/all", "in/4/all"));
  for (const publishers::Event& event : passing.passage.events)
    EXPECT_EQ(event.body, R"({"REC-TYPE":"A","REC-KEY":"K1","REC-NO":7})");
}

TEST(Route, MakesABadRecordOfAMessageWhoseCodePageIsNotKnown) {
  const Mappings mappings;
  Passing passing({route({mappings.load("other", "codepage: from-message\nmatch_source: {x: y}\n"),
                          mappings.load("all", "codepage: from-message\n")})});
  passing.pass(messages_of({"37", "4711", ""}));
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/all"));
  ASSERT_EQ(passing.passage.bad.size(), 2U);
  EXPECT_THAT(passing.passage.bad[0].field.message, HasSubstr("CCSID 4711"));
  EXPECT_EQ(passing.passage.bad[0].mapping->name, "all");
  EXPECT_THAT(passing.passage.bad[1].field.message, HasSubstr("says no CCSID"));
}

TEST(Route, NotesOnceThatAQueuesMessagesSayAnotherCodePage) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all")})});
  passing.pass(messages_of({"37", "1208", "1208", "273"}));
  EXPECT_EQ(passing.passage.events.size(), 4U) << "the mapping's code page rules";
  ASSERT_EQ(passing.passage.form_differences.size(), 1U);
  EXPECT_EQ(passing.passage.form_differences[0].queue, "IN.Q");
  EXPECT_THAT(passing.passage.form_differences[0].text, HasSubstr("1208"));
  passing.pass(messages_of({"1208"}));
  EXPECT_THAT(passing.passage.form_differences, IsEmpty());
}

TEST(Route, GivesEventsTheAttributesThatTheMappingNames) {
  const Mappings mappings;
  Passing passing({route({mappings.load(
      "all",
      "event: {type: t, key: '{@queue}:{REC-KEY}', attributes: {replyto: '{@reply-to}', "
      "number: 'no-{REC-NO}'}}\n")})});
  passing.pass(messages());
  const auto& events = passing.passage.events;
  EXPECT_EQ(events.at(0).key, "IN.Q:K1");
  const auto of = [](const publishers::Event& event) {
    std::vector<std::string> all;
    for (const publishers::Attribute& one : event.extensions)
      all.push_back(std::string(one.name) + "=" + std::string(one.value));
    return all;
  };
  EXPECT_THAT(of(events.at(0)), ElementsAre("replyto=", "number=no-0001"));
  EXPECT_THAT(of(events.at(1)), ElementsAre("replyto=OUT.Q", "number=no-0002"));
}

TEST(Route, MakesABadRecordOfAnAttributeThatDoesNotFit) {
  const Mappings mappings;
  Passing passing({route({mappings.load(
      "all", "on_bad_field: 'null'\nevent: {type: t, attributes: {number: '{REC-NO}'}}\n")})});
  passing.pass({record('A', "K1", "BADN"), record('A', "K2", "0002")});
  ASSERT_EQ(passing.passage.bad.size(), 1U);
  EXPECT_THAT(passing.passage.bad[0].field.message, HasSubstr("attribute"));
  ASSERT_EQ(passing.passage.events.size(), 1U);
  EXPECT_EQ(passing.passage.events[0].extensions[0].value, "0002");
}

Route encoding_route(std::vector<std::shared_ptr<const mapping::Mapping>> mappings) {
  Route made = route(std::move(mappings));
  Diagnostics diagnostics;
  made.encoding = bridge::RecordEncoding::compile(made.mappings, {}, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  return made;
}

TEST(Route, EncodesJsonToRecords) {
  const Mappings mappings;
  Passing passing(
      {encoding_route({mappings.load("a", "match: REC-TYPE = 'A'\n"),
                       mappings.load("b", "match: REC-TYPE = 'B'\nonly_if: REC-NO > 1\n")})});
  passing.pass(batch_of({R"({"REC-TYPE":"B","REC-KEY":"K1","REC-NO":7})",
                         R"({"REC-TYPE":"A","REC-KEY":"K2","REC-NO":8})",
                         R"({"REC-TYPE":"B","REC-KEY":"K3","REC-NO":1})",
                         R"({"REC-TYPE":"C","REC-KEY":"K4","REC-NO":9})"}));
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/b", "in/2/a"));
  const publishers::Event& event = passing.passage.events.at(0);
  EXPECT_TRUE(event.is_record);
  EXPECT_EQ(event.body, record('B', "K1", "0007"));
  EXPECT_EQ(event.key, "K1");
  EXPECT_EQ(event.type, "com.example.b");
  EXPECT_EQ(passing.passage.fate(2), Fate::filtered);
  ASSERT_EQ(passing.passage.bad.size(), 1U);
  EXPECT_EQ(passing.passage.bad[0].record, 3U);
  EXPECT_EQ(passing.passage.bad[0].mapping, nullptr);
}

TEST(Route, SaysWhereJsonIsNoRecord) {
  const Mappings mappings;
  Passing passing({encoding_route({mappings.load("all")})});
  passing.pass(batch_of({R"({"REC-TYPE":"B","REC-KEY":"K1","REC-NO":70000})", "no JSON",
                         R"({"REC-TYPE":"A","REC-KEY":"K2","REC-NO":8})"}));
  EXPECT_THAT(passing.ids(), ElementsAre("in/3/all"));
  ASSERT_EQ(passing.passage.bad.size(), 2U);
  EXPECT_EQ(passing.passage.bad[0].field.path, "/REC-NO");
  EXPECT_THAT(passing.passage.bad[0].field.message, HasSubstr("encode: /REC-NO"));
  EXPECT_EQ(passing.passage.bad[0].mapping, passing.routes[0].mappings[0].get());
}

TEST(Route, EncodesByTheMappingThatTheSourceIsFor) {
  const Mappings mappings;
  Passing passing({encoding_route({mappings.load("card", "match_source: {format: CARDREQ}\n"),
                                   mappings.load("other", "match_source: {format: OTHER}\n")})});
  const std::string json = R"({"REC-TYPE":"B","REC-KEY":"K1","REC-NO":7})";
  auto batch = batch_of({json, json, json});
  batch->record_attributes = {{{"format", "OTHER"}}, {{"format", "CARDREQ"}}, {}};
  passing.pass(std::move(batch));
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/other", "in/2/card"));
  ASSERT_EQ(passing.passage.bad.size(), 1U);
  EXPECT_THAT(passing.passage.bad[0].field.message, HasSubstr("no mapping matches"));
}

TEST(Route, LeavesTheTimeOutWhereTheSourceHasNone) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all")})});
  passing.pass({record('A', "K1", "0001")});
  EXPECT_EQ(passing.passage.events.at(0).time, "");
}

TEST(Route, NumbersRecordsFromTheBatchsFirst) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all")})});
  auto batch = batch_of({record('A', "K1", "0001"), record('A', "K2", "0002")});
  batch->first_number = 99;
  passing.pass(std::move(batch));
  EXPECT_THAT(passing.ids(), ElementsAre("in/99/all", "in/100/all"));
}

TEST(Route, TakesIdsTheSourceGives) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all")})});
  auto batch = batch_of({record('A', "K1", "0001"), record('A', "K2", "BADN")});
  batch->ids = {"x7", "x9"};
  passing.pass(std::move(batch));
  EXPECT_THAT(passing.ids(), ElementsAre("in/x7/all"));
  EXPECT_EQ(passing.passage.event_id(1, passing.passage.bad.at(0).mapping), "in/x9/all");
}

TEST(Route, TakesTheFirstMappingThatMatches) {
  const Mappings mappings;
  Passing passing({route({mappings.load("a", "match: REC-TYPE = 'A'\n"),
                          mappings.load("b", "match: REC-TYPE = 'A' OR 'B'\n")})});
  passing.pass({record('B', "K1", "0001"), record('A', "K2", "0002")});
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/b", "in/2/a"));
}

TEST(Route, MakesARecordThatNoMappingMatchesBad) {
  const Mappings mappings;
  Passing passing({route({mappings.load("a", "match: REC-TYPE = 'A'\n")}, "cloud,archive")});
  passing.pass({record('X', "K1", "0001")});
  EXPECT_THAT(passing.ids(), IsEmpty());
  ASSERT_EQ(passing.passage.bad.size(), 1U);
  EXPECT_EQ(passing.passage.bad[0].mapping, nullptr);
  EXPECT_EQ(passing.passage.bad[0].destination, "cloud,archive");
  EXPECT_EQ(passing.passage.fate(0), Fate::retry) << "until the dead letters have it";
}

TEST(Route, FiltersARecordThatNoMappingMatchesWhereToldTo) {
  const Mappings mappings;
  Route ignoring = route({mappings.load("a", "match: REC-TYPE = 'A'\n")});
  ignoring.ignore_unmatched = true;
  Passing passing({ignoring});
  passing.pass({record('X', "K1", "0001")});
  EXPECT_THAT(passing.passage.bad, IsEmpty());
  EXPECT_EQ(passing.passage.fate(0), Fate::filtered);
}

TEST(Route, FiltersByTheMappingsCondition) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all", "only_if: REC-NO > 5\n")})});
  passing.pass({record('A', "K1", "0005"), record('A', "K1", "0006")});
  EXPECT_THAT(passing.ids(), ElementsAre("in/2/all"));
  EXPECT_EQ(passing.passage.fate(0), Fate::filtered);
}

TEST(Route, TakesAnOperandThatDoesNotFitForBadAndNotForFiltered) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all", "only_if: REC-NO > 5\n")})});
  passing.pass({record('A', "K1", "BADN")});
  ASSERT_EQ(passing.passage.bad.size(), 1U);
  EXPECT_THAT(passing.passage.bad[0].field.message, HasSubstr("condition: "));
}

TEST(Route, TakesAMatchThatDoesNotFitForBadAndTriesNoOtherMapping) {
  const Mappings mappings;
  Passing passing({route({mappings.load("a", "match: REC-NO = 1\n"), mappings.load("b")})});
  passing.pass({record('A', "K1", "BADN")});
  EXPECT_THAT(passing.ids(), IsEmpty());
  EXPECT_EQ(passing.passage.bad.size(), 1U);
}

TEST(Route, ExplainsARecordThatDoesNotDecodeAndGoesOn) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all")})});
  passing.pass({record('A', "K1", "BADN"), record('A', "K2", "0002")});
  EXPECT_THAT(passing.ids(), ElementsAre("in/2/all"));
  EXPECT_EQ(passing.passage.events[0].body, R"({"REC-TYPE":"A","REC-KEY":"K2","REC-NO":2})");
  ASSERT_EQ(passing.passage.bad.size(), 1U);
  EXPECT_EQ(passing.passage.bad[0].field.path, "REC-NO");
}

TEST(Route, ExplainsAKeyThatDoesNotFit) {
  const Mappings mappings;
  Passing passing({route({mappings.load(
      "all", "on_bad_field: null\nevent: {type: com.example.all, key: REC-NO}\n")})});
  passing.pass({record('A', "K1", "BADN")});
  EXPECT_THAT(passing.ids(), IsEmpty());
  ASSERT_EQ(passing.passage.bad.size(), 1U);
  EXPECT_THAT(passing.passage.bad[0].field.message, HasSubstr("subject or key"));
}

TEST(Route, OwesARecordToEveryRoute) {
  const Mappings mappings;
  Passing passing({route({mappings.load("a")}, "cloud"), route({mappings.load("b")}, "archive")});
  passing.pass({record('A', "K1", "0001")});
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/a", "in/1/b"));
  EXPECT_EQ(passing.passage.pending, 2U);
}

TEST(Route, SendsANoticeOnEveryRouteAsItIs) {
  const Mappings mappings;
  Passing passing({route({mappings.load("a")}), route({mappings.load("b")})});
  auto batch = batch_of({R"({"read":7})"});
  batch->is_notice = true;
  batch->notice_type = "file.ended";
  passing.pass(std::move(batch));
  EXPECT_THAT(passing.ids(), ElementsAre("in/1", "in/1"));
  EXPECT_EQ(passing.passage.events[0].body, R"({"read":7})");
  EXPECT_EQ(passing.passage.events[0].type, "file.ended");
  EXPECT_EQ(passing.passage.events[0].key, "");
}

TEST(Route, HandsBackWhatFollowsOnceTooManyRecordsAreBad) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all")})}, 2);
  passing.pass({record('A', "K1", "BADN"), record('A', "K1", "BADN"), record('A', "K1", "0003")});
  EXPECT_THAT(passing.ids(), IsEmpty());
  EXPECT_EQ(passing.passage.bad.size(), 2U);
  EXPECT_EQ(passing.passage.fate(2), Fate::retry);
  EXPECT_EQ(passing.passage.pending, 2U);
}

TEST(Route, UsesAPassageAgainWithoutTraces) {
  const Mappings mappings;
  Passing passing({route({mappings.load("all")})});
  passing.pass({record('A', "K1", "0001"), record('A', "K1", "BADN")});
  passing.pass({record('A', "K2", "0002")});
  EXPECT_THAT(passing.ids(), ElementsAre("in/1/all"));
  EXPECT_EQ(passing.passage.pending, 1U);
  EXPECT_THAT(passing.passage.bad, IsEmpty());
  EXPECT_EQ(passing.passage.events[0].key, "K2");
}

TEST(BadRecordWatch, IsExceededByTooManyInARow) {
  BadRecordWatch watch(3, 0);
  for (int i = 0; i < 2; ++i) watch.add(true);
  EXPECT_FALSE(watch.is_exceeded());
  watch.add(true);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(BadRecordWatch, CountsTheRowAnewAfterAGoodRecord) {
  BadRecordWatch watch(3, 0);
  for (int i = 0; i < 30; ++i) watch.add(i % 3 != 0);
  EXPECT_FALSE(watch.is_exceeded());
}

TEST(BadRecordWatch, StaysExceeded) {
  BadRecordWatch watch(1, 0);
  watch.add(true);
  watch.add(false);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(BadRecordWatch, IsNeverExceededWhereBothLimitsAreOff) {
  BadRecordWatch watch(0, 0);
  for (int i = 0; i < 5'000; ++i) watch.add(true);
  EXPECT_FALSE(watch.is_exceeded());
}

TEST(BadRecordWatch, LooksAtTheShareOnlyAfterAThousandRecords) {
  BadRecordWatch watch(0, 5);
  for (int i = 0; i < 999; ++i) watch.add(true);
  EXPECT_FALSE(watch.is_exceeded());
  watch.add(true);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(BadRecordWatch, BearsAShareThatIsJustTheLimit) {
  BadRecordWatch watch(0, 5);
  for (int i = 0; i < 5'000; ++i) watch.add(i % 20 == 0);
  EXPECT_EQ(watch.bad_in_window(), 50U);
  EXPECT_FALSE(watch.is_exceeded());
}

TEST(BadRecordWatch, IsExceededByAShareAboveTheLimit) {
  BadRecordWatch watch(0, 5);
  for (int i = 0; i < 5'000; ++i) watch.add(i % 20 == 0 || i == 4'990);
  EXPECT_TRUE(watch.is_exceeded());
}

TEST(BadRecordWatch, ForgetsWhatIsOlderThanAThousandRecords) {
  BadRecordWatch watch(0, 5);
  for (int i = 0; i < 50; ++i) watch.add(true);
  for (int i = 0; i < 1'000; ++i) watch.add(false);
  EXPECT_EQ(watch.bad_in_window(), 0U);
}

/// A passage of one record on two routes.
Passage two_shares(const Share& first, const Share& second) {
  Passage passage;
  passage.reset(batch_of({"x"}), 2, {});
  passage.shares = {first, second};
  return passage;
}

constexpr Share kDelivered{.is_delivered = true};
constexpr Share kDeadLettered{.is_dead_lettered = true};
constexpr Share kPending{.pending = 1, .is_delivered = true};
constexpr Share kHandedBack{.is_delivered = true, .is_handed_back = true};

TEST(Passage, FiltersWhatNoRouteWanted) { EXPECT_EQ(two_shares({}, {}).fate(0), Fate::filtered); }

TEST(Passage, DeliversWhatOneRouteDelivered) {
  EXPECT_EQ(two_shares(kDelivered, {}).fate(0), Fate::delivered);
  EXPECT_EQ(two_shares(kDeadLettered, kDelivered).fate(0), Fate::delivered);
}

TEST(Passage, DeadLettersWhatNoRouteDelivered) {
  EXPECT_EQ(two_shares({}, kDeadLettered).fate(0), Fate::dead_lettered);
}

TEST(Passage, KeepsAtTheSourceWhatIsPendingOnOneRoute) {
  EXPECT_EQ(two_shares(kDelivered, kPending).fate(0), Fate::retry);
}

TEST(Passage, KeepsAtTheSourceWhatOneRouteHandedBack) {
  EXPECT_EQ(two_shares(kHandedBack, kDelivered).fate(0), Fate::retry);
}

TEST(Passage, TellsTheFateOnOneRoute) {
  const Passage passage = two_shares(kDeadLettered, kDelivered);
  EXPECT_EQ(passage.fate(0, 0), Fate::dead_lettered);
  EXPECT_EQ(passage.fate(0, 1), Fate::delivered);
}

}  // namespace
}  // namespace copybridge::tests
