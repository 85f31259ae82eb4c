// The table of dead letters.
#include "bridge/dead_letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/temporary_directory.h"

namespace copybridge::tests {
namespace {

using bridge::DeadLetter;
using bridge::DeadLetterStore;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A store, and a second connection to its database.
class Store {
 public:
  Store() : file_(directory_.path() / "letters.db") {
    auto opened = DeadLetterStore::open(std::move(*Database::open(file_)));
    store_.emplace(std::move(*opened));
  }
  DeadLetterStore* operator->() { return &*store_; }

  /// Stores letters of these ids.
  void add(const std::vector<std::string>& ids, const std::string& destination = "cloud",
           const std::string& source = "accounts") {
    std::vector<DeadLetter> letters;
    for (const std::string& id : ids) {
      DeadLetter letter;
      letter.id = id;
      letter.destination = destination;
      letter.source = source;
      letters.push_back(letter);
    }
    const Result<void> stored = store_->store(letters);
    EXPECT_TRUE(stored) << stored.error().message;
  }
  /// Ids of a page.
  std::vector<std::string> page(std::size_t limit, std::int64_t& after,
                                const std::string& source = "",
                                const std::string& destination = "") {
    std::vector<std::string> ids;
    const auto letters = store_->list(source, destination, limit, after);
    EXPECT_TRUE(letters);
    for (const DeadLetter& letter : *letters) ids.push_back(letter.id);
    return ids;
  }
  void execute(std::string_view sql) {
    auto other = Database::open(file_);
    const Result<void> done = other->execute(sql);
    EXPECT_TRUE(done) << done.error().message;
  }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path file_;
  std::optional<DeadLetterStore> store_;
};

/// Every member different, with zero bytes, quotes and what is no UTF-8.
DeadLetter full_letter() {
  using namespace std::string_literals;
  DeadLetter letter;
  letter.id = "in/1/account";
  letter.record_id = "in/1";
  letter.destination = "cloud,archive";
  letter.source = "accounts";
  letter.attributes = R"({"file":"a'b;--"})";
  letter.position = std::numeric_limits<std::uint64_t>::max();
  letter.mapping = "account";
  letter.mapping_hash = "00ff";
  letter.copybook = "/etc/account.cpy";
  letter.copybook_hash = "ff00";
  letter.field = {"A.B(3)",  std::numeric_limits<std::uint32_t>::max(),
                  7,         "C1\0C2"s,
                  "a digit", "packed: \xFF\0 is bad"s};
  letter.record = "\0\1\xFF\0"s;
  letter.record_time = "2026-11-23T04:05:06.789Z";
  letter.time = "2026-11-23T04:05:07.000Z";
  return letter;
}

TEST(DeadLetters, KeepEveryMemberAsItWas) {
  Store store;
  const DeadLetter letter = full_letter();
  ASSERT_TRUE(store->store({&letter, 1}));
  const auto found = store->find(letter.id);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  const DeadLetter& read = found->front();
  EXPECT_EQ(read.id, letter.id);
  EXPECT_EQ(read.record_id, letter.record_id);
  EXPECT_EQ(read.destination, letter.destination);
  EXPECT_EQ(read.source, letter.source);
  EXPECT_EQ(read.attributes, letter.attributes);
  EXPECT_EQ(read.position, letter.position);
  EXPECT_EQ(read.mapping, letter.mapping);
  EXPECT_EQ(read.mapping_hash, letter.mapping_hash);
  EXPECT_EQ(read.copybook, letter.copybook);
  EXPECT_EQ(read.copybook_hash, letter.copybook_hash);
  EXPECT_EQ(read.field.path, letter.field.path);
  EXPECT_EQ(read.field.offset, letter.field.offset);
  EXPECT_EQ(read.field.byte, letter.field.byte);
  EXPECT_EQ(read.field.found, letter.field.found);
  EXPECT_EQ(read.field.expected, letter.field.expected);
  EXPECT_EQ(read.field.message, letter.field.message);
  EXPECT_EQ(read.record, letter.record);
  EXPECT_EQ(read.record_time, letter.record_time);
  EXPECT_EQ(read.time, letter.time);
}

TEST(DeadLetters, KeepAnEmptyRecord) {
  Store store;
  store.add({"1"});
  EXPECT_EQ(store->find("1")->at(0).record, "");
}

TEST(DeadLetters, ReplaceALetterOfTheSameIdAndDestination) {
  Store store;
  DeadLetter letter = full_letter();
  ASSERT_TRUE(store->store({&letter, 1}));
  letter.field.message = "another reason";
  ASSERT_TRUE(store->store({&letter, 1}));
  EXPECT_EQ(*store->count(), 1U);
  EXPECT_EQ(store->find(letter.id)->at(0).field.message, "another reason");
}

TEST(DeadLetters, KeepALetterPerDestination) {
  Store store;
  store.add({"1"}, "cloud");
  store.add({"1"}, "archive");
  EXPECT_EQ(*store->count(), 2U);
  EXPECT_EQ(store->find("1")->size(), 2U);
}

TEST(DeadLetters, TellIdsApartThatDifferBehindAZeroByte) {
  using namespace std::string_literals;
  Store store;
  store.add({"a\0b"s, "a\0c"s});
  EXPECT_EQ(*store->count(), 2U);
  EXPECT_EQ(store->find("a\0c"s)->size(), 1U);
}

TEST(DeadLetters, AreListedInPagesInTheOrderStored) {
  Store store;
  store.add({"3", "1", "2"});
  std::int64_t after = 0;
  EXPECT_THAT(store.page(2, after), ElementsAre("3", "1"));
  EXPECT_THAT(store.page(2, after), ElementsAre("2"));
  EXPECT_THAT(store.page(2, after), IsEmpty());
}

TEST(DeadLetters, AreListedAlsoWhereOnesOfThePageBeforeAreGone) {
  Store store;
  store.add({"1", "2", "3"});
  std::int64_t after = 0;
  EXPECT_THAT(store.page(2, after), ElementsAre("1", "2"));
  ASSERT_TRUE(store->remove("2", "cloud"));
  EXPECT_THAT(store.page(2, after), ElementsAre("3"));
}

TEST(DeadLetters, AreListedBySourceAndDestination) {
  Store store;
  store.add({"1"}, "cloud", "accounts");
  store.add({"2"}, "archive", "accounts");
  store.add({"3"}, "cloud", "policies");
  std::int64_t after = 0;
  EXPECT_THAT(store.page(9, after, "accounts"), ElementsAre("1", "2"));
  after = 0;
  EXPECT_THAT(store.page(9, after, "", "cloud"), ElementsAre("1", "3"));
  after = 0;
  EXPECT_THAT(store.page(9, after, "policies", "cloud"), ElementsAre("3"));
}

TEST(DeadLetters, AreRemovedByIdAndDestination) {
  Store store;
  store.add({"1"}, "cloud");
  store.add({"1"}, "archive");
  EXPECT_TRUE(*store->remove("1", "cloud"));
  EXPECT_EQ(store->find("1")->at(0).destination, "archive");
}

TEST(DeadLetters, SayWhereThereWasNoneToRemove) {
  Store store;
  EXPECT_FALSE(*store->remove("1", "cloud"));
}

TEST(DeadLetters, AreStoredAllOrNone) {
  Store store;
  store.execute(
      "CREATE TRIGGER refuse BEFORE INSERT ON dead_letters WHEN NEW.id = '2'"
      " BEGIN SELECT RAISE(ABORT, 'no room'); END");
  std::vector<DeadLetter> letters(3);
  for (std::size_t i = 0; i < letters.size(); ++i) letters[i].id = std::to_string(i + 1);
  const Result<void> stored = store->store(letters);
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().kind, ErrorKind::storage);
  EXPECT_EQ(*store->count(), 0U);
}

TEST(DeadLetters, AreStoredAfterAFailure) {
  Store store;
  store.execute(
      "CREATE TRIGGER refuse BEFORE INSERT ON dead_letters"
      " BEGIN SELECT RAISE(ABORT, 'no room'); END");
  const DeadLetter letter = full_letter();
  ASSERT_FALSE(store->store({&letter, 1}));
  store.execute("DROP TRIGGER refuse");
  EXPECT_TRUE(store->store({&letter, 1}));
  EXPECT_EQ(*store->count(), 1U);
}

TEST(DeadLetters, AreSeenByAnotherConnectionAtOnce) {
  TemporaryDirectory directory;
  const auto file = directory.path() / "letters.db";
  auto writer = DeadLetterStore::open(std::move(*Database::open(file)));
  auto reader = DeadLetterStore::open(std::move(*Database::open(file)));
  const DeadLetter letter = full_letter();
  ASSERT_TRUE(writer->store({&letter, 1}));
  EXPECT_EQ(*reader->count(), 1U);
}

}  // namespace
}  // namespace copybridge::tests
