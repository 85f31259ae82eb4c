// Objects of stores without a store: where they end, whose fate is whose, what is made again.
#include <gmock/gmock.h>

#include "bridge/core/hash.h"
#include "bridge/publishers/objects/claims.h"
#include "bridge/publishers/objects/collector.h"
#include "bridge/publishers/objects/encoder.h"
#include "bridge/publishers/objects/names.h"
#include "tests/unit/publishers/harness.h"

namespace copybridge::publishers::objects {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr SteadyTime kStart{std::chrono::hours(1)};

std::string encoded(const Encoding& encoding, const std::string& text, std::size_t piece) {
  ObjectEncoder encoder(encoding);
  for (std::size_t at = 0; at < text.size(); at += piece) {
    encoder.line() += text.substr(at, piece);
    encoder.add_line();
  }
  EXPECT_EQ(encoder.text_size(), text.size());
  ObjectEncoder::Made made = encoder.finish();
  EXPECT_EQ(made.sha256, hex(sha256(made.bytes)));
  return std::move(made.bytes);
}

std::string long_text() {
  std::string text;
  for (int line = 0; text.size() < 700'000; ++line) {
    text += R"({"ACCT":")" + hash_of(std::to_string(line)) + "\"}\n";
  }
  return text;
}

TEST(ObjectEncoder, GivesTheSameBytesHoweverTheLinesCome) {
  const std::string text = long_text();
  for (const Compression compression : {Compression::none, Compression::gzip, Compression::zstd}) {
    const Encoding encoding{.compression = compression, .level = 3};
    const std::string whole = encoded(encoding, text, text.size());
    EXPECT_EQ(encoded(encoding, text, 41), whole);
    EXPECT_EQ(encoded(encoding, text, 262'144), whole);
    EXPECT_EQ(encoded(encoding, text, 100'003), whole);
  }
}

TEST(ObjectEncoder, HasAnEncodingThatCanBeWrittenDown) {
  const Encoding encoding{
      .format = LineFormat::cloudevents, .compression = Compression::zstd, .level = 19};
  EXPECT_EQ(Encoding::parse(encoding.text()), encoding);
  EXPECT_FALSE(Encoding::parse("body lz4 1"));
}

TEST(ObjectNames, ExpandsItsPlaceholders) {
  const auto names = ObjectNames::parse("{name}/dt={year}-{month}-{day}/h{hour}/{sequence}",
                                        "landing", ".jsonl.gz");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->expand(WallTime{std::chrono::seconds{1'795'406'706}}, 7),
            "landing/dt=2026-11-23/h04/00000007.jsonl.gz");
}

TEST(ObjectNames, RefusesWhatStoresDoNotKeepApart) {
  const auto mistake = [](const std::string& pattern) {
    const auto names = ObjectNames::parse(pattern, "n", ".jsonl");
    return names ? std::string() : names.error().message;
  };
  EXPECT_THAT(mistake("a/{date}"), HasSubstr("no {sequence}"));
  EXPECT_THAT(mistake("{queue}/{sequence}"), HasSubstr("{queue} is no placeholder"));
  for (const char* pattern : {"/{sequence}", "a//{sequence}", "../{sequence}", "a\\{sequence}",
                              "a/./{sequence}", "a\n{sequence}"}) {
    EXPECT_THAT(mistake(pattern), HasSubstr("the pattern has")) << pattern;
  }
  EXPECT_EQ(mistake("..a/{sequence}"), "");
}

class CollectorTest : public testing::Test {
 protected:
  void take(std::uint64_t number, std::vector<const Event*> events, std::uint64_t epoch = 0,
            std::vector<std::string> settled = {}) {
    collector_.take({.number = number,
                     .epoch = epoch,
                     .events = std::move(events),
                     .settled_ids = std::move(settled)},
                    kStart);
  }
  /// What is uploaded next, and how its claim looks.
  Claim next(bool nothing_comes = false, Milliseconds later = Milliseconds(0)) {
    std::optional<Draft> draft = collector_.next(kStart + later, nothing_comes);
    if (!draft) return {};
    bytes_ = draft->bytes;
    claims_ = draft->claims;
    return {.sequence = ++sequence_, .sha256 = "s", .hashes = draft->hashes};
  }
  /// Numbers of the requests that are answered, with their first outcomes.
  std::vector<std::pair<std::uint64_t, Outcome>> answers() {
    std::vector<std::pair<std::uint64_t, Outcome>> found;
    for (const Response& response : queue_.take(Milliseconds(0))) {
      found.emplace_back(response.number, response.outcomes.front());
    }
    return found;
  }
  static Claim claim_of(const std::vector<const Event*>& events) {
    Claim claim{.sequence = 1, .name = "n", .encoding = "body none 0", .sha256 = "old"};
    for (const Event* event : events) claim.hashes.push_back(hash128_of(event->id));
    return claim;
  }
  void rebuild(const Claim& claim) {
    std::vector<Rebuild> rebuilds;
    rebuilds.emplace_back(std::vector{claim});
    collector_.rebuild(std::move(rebuilds));
  }

  CompletionQueue queue_;
  EventStore events_;
  Collector collector_ = [this] {
    Collector collector({}, {.bytes = 100, .events = 5, .age = std::chrono::seconds(60)},
                        IdLedger(""));
    collector.set_port(CompletionPort(queue_, 0));
    return collector;
  }();
  std::string bytes_;
  std::vector<Claim> claims_;
  std::uint64_t sequence_ = 0;
};

using Answers = std::vector<std::pair<std::uint64_t, Outcome>>;

TEST_F(CollectorTest, AnswersARequestWhenAllItsObjectsAreThere) {
  take(1, events_.add_many(7));
  const Claim first = next();
  EXPECT_EQ(first.hashes.size(), 5U);
  EXPECT_TRUE(next().hashes.empty()) << "one at a time";
  collector_.note_stored(first);
  EXPECT_THAT(answers(), IsEmpty());
  EXPECT_TRUE(next().hashes.empty()) << "more may come";
  const Claim second = next(true);
  EXPECT_EQ(second.hashes.size(), 2U);
  collector_.note_stored(second);
  EXPECT_EQ(answers(), (Answers{{1, Outcome::accepted}}));
}

TEST_F(CollectorTest, EndsAnObjectBeforeItIsTooLargeAndWhenItIsOld) {
  const std::string body = R"({"X":")" + std::string(40, 'x') + "\"}";
  take(1, {events_.add_body("a", body), events_.add_body("b", body), events_.add_body("c", body)});
  const Claim first = next();
  EXPECT_EQ(first.hashes.size(), 2U);
  EXPECT_EQ(bytes_, body + "\n" + body + "\n");
  collector_.note_stored(first);
  EXPECT_TRUE(next(false, std::chrono::seconds(59)).hashes.empty());
  EXPECT_EQ(collector_.next_due(), kStart + std::chrono::seconds(60));
  EXPECT_EQ(next(false, std::chrono::seconds(60)).hashes.size(), 1U);
}

TEST_F(CollectorTest, PutsAnEventThatComesTwiceIntoOneObject) {
  const Event* const once = events_.add("a");
  take(1, {once, once});
  const Claim first = next(true);
  EXPECT_EQ(first.hashes.size(), 1U);
  take(2, {once});
  collector_.note_stored(first);
  EXPECT_EQ(answers(), (Answers{{1, Outcome::accepted}, {2, Outcome::accepted}}));
  take(3, {once});
  EXPECT_EQ(answers(), (Answers{{3, Outcome::accepted}})) << "it is there";
}

TEST_F(CollectorTest, ForgetsWhatTheSourceHasSettled) {
  take(1, {events_.add("a")});
  collector_.note_stored(next(true));
  take(2, {events_.add("b")}, 0, {"a"});
  EXPECT_THAT(collector_.obsolete(), ElementsAre(1));
  take(3, {events_.add("a")});
  EXPECT_EQ(next(true).hashes.size(), 2U) << "it is a new one";
}

TEST_F(CollectorTest, HandsEverythingBackUntilThePipelineKnows) {
  take(1, events_.add_many(5, "x"));
  take(2, events_.add_many(1, "y"));
  EXPECT_EQ(next().hashes.size(), 5U);
  collector_.hand_back({.outcomes = {Outcome::throttled}, .reason = "slow down"});
  EXPECT_EQ(answers(), (Answers{{1, Outcome::throttled}, {2, Outcome::throttled}}));
  take(3, events_.add_many(1, "z"), 1);
  EXPECT_EQ(answers(), (Answers{{3, Outcome::retry}})) << "formed when one failure was known";
  take(4, events_.add_many(5, "x"), 3);
  EXPECT_EQ(next().hashes.size(), 5U);
}

TEST_F(CollectorTest, MakesAClaimedObjectAgainInItsOrder) {
  const std::vector<const Event*> own = events_.add_many(3);
  rebuild(claim_of(own));
  take(1, {own[2], own[0], events_.add("later")});
  EXPECT_TRUE(next().hashes.empty()) << "one has not come";
  take(2, {own[1]});
  const Claim again = next();
  EXPECT_EQ(again.hashes, claim_of(own).hashes);
  EXPECT_EQ(bytes_, "{\"NUMBER\":0}\n{\"NUMBER\":1}\n{\"NUMBER\":2}\n");
  ASSERT_EQ(claims_.size(), 1U);
  EXPECT_TRUE(collector_.note_stored(again));
  EXPECT_EQ(answers(), (Answers{{2, Outcome::accepted}}));
  EXPECT_EQ(next(true).hashes.size(), 1U) << "the event behind it";
}

TEST_F(CollectorTest, MakesAClaimedObjectOfWhatComesWhereNothingElseWill) {
  const std::vector<const Event*> own = events_.add_many(3);
  rebuild(claim_of(own));
  take(1, {own[1]});
  EXPECT_EQ(next(true).hashes, std::vector{hash128_of(own[1]->id)});
  EXPECT_EQ(claims_.size(), 1U) << "under the same name";
}

TEST_F(CollectorTest, DoesNotWaitForAClaimedObjectOfWhichNothingComes) {
  rebuild(claim_of(events_.add_many(3)));
  take(1, {events_.add("other")});
  EXPECT_EQ(next(true).hashes.size(), 1U);
  EXPECT_THAT(claims_, IsEmpty());
}

TEST_F(CollectorTest, TakesWhatAnEarlierAttemptHadInForAccepted) {
  const std::vector<const Event*> own = events_.add_many(2);
  take(1, {own[0]});
  take(2, {own[1]});
  Claim there = next(true);
  there.hashes.pop_back();
  EXPECT_FALSE(collector_.note_stored(there)) << "what else is there has to be found out";
  EXPECT_EQ(answers(), (Answers{{1, Outcome::accepted}, {2, Outcome::retry}}));
}

TEST(ObjectClaims, KeepsWhatIsUndecidedApartFromWhatIsThere) {
  const TestFolder folder;
  const auto open = [&](const std::string& owner) {
    return std::move(
        *ObjectClaims::open(std::move(*Database::open(folder.path() / "copybridge.db")), owner));
  };
  ObjectClaims claims = open("a");
  Claim one{.sequence = 1,
            .name = "n1",
            .encoding = "body gzip 6",
            .sha256 = "s1",
            .bytes = 9,
            .hashes = {hash128_of("x"), hash128_of("y")},
            .first_id = "x",
            .last_id = "y"};
  ASSERT_TRUE(claims.claim(one));
  Claim other = one;
  other.sha256 = "s2";
  other.hashes = {hash128_of("y")};
  ASSERT_TRUE(claims.claim(other));
  ASSERT_TRUE(claims.claim({.sequence = 2, .name = "n2", .sha256 = "s3"}));
  const auto undecided = open("a").undecided();
  ASSERT_EQ(undecided->size(), 3U);
  EXPECT_EQ(undecided->at(0).hashes, one.hashes);
  EXPECT_EQ(undecided->at(1).sha256, "s2");
  EXPECT_EQ(rebuilds_of(*undecided).size(), 2U);
  EXPECT_TRUE(open("b").undecided()->empty());
  EXPECT_EQ(*open("a").next_sequence(), 3U);

  ASSERT_TRUE(claims.note_stored(other, {}));
  ASSERT_TRUE(claims.drop(2));
  EXPECT_TRUE(open("a").undecided()->empty());
  EXPECT_TRUE(open("a").stored()->knows("y"));
  EXPECT_FALSE(open("a").stored()->knows("x"));
  ASSERT_TRUE(claims.claim({.sequence = 3, .name = "n3", .sha256 = "s4"}));
  ASSERT_TRUE(claims.note_stored({.sequence = 3, .sha256 = "s4"}, {1}));
  EXPECT_FALSE(open("a").stored()->knows("y"));
  EXPECT_EQ(*open("a").next_sequence(), 4U);
}

TEST(ObjectClaims, AreNotGuessedWhereTheyAreDamaged) {
  const TestFolder folder;
  const auto open_database = [&] {
    return std::move(*Database::open(folder.path() / "copybridge.db"));
  };
  ObjectClaims claims = std::move(*ObjectClaims::open(open_database(), "a"));
  ASSERT_TRUE(claims.claim({.sequence = 7, .name = "n", .sha256 = "s", .hashes = {{}, {}}}));
  ASSERT_TRUE(open_database().execute("UPDATE object_claims SET ids = substr(ids, 2)"));
  const auto undecided = claims.undecided();
  ASSERT_FALSE(undecided);
  EXPECT_EQ(undecided.error().kind, ErrorKind::storage);
  EXPECT_THAT(undecided.error().message, HasSubstr("the ids of object 7 are damaged"));
  ASSERT_TRUE(open_database().execute("UPDATE object_claims SET is_stored = 1"));
  EXPECT_FALSE(claims.stored());
}

}  // namespace
}  // namespace copybridge::publishers::objects
