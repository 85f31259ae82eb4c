// The store's promises one by one: what is durable when, room, batches, ids.
#include "bridge/spool/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/temporary_directory.h"
#include "tests/unit/spool/records.h"

namespace copybridge::tests {
namespace {

using adapters::Fate;
using adapters::RecordBatch;
using spool::Store;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

void no_damage(const spool::Damage& damage) { ADD_FAILURE() << damage.file << damage.reason; }

class SpoolStore : public ::testing::Test {
 protected:
  SpoolStore() { open(); }
  void open() {
    store_.reset();
    auto opened = Store::open(disk_.mount(), settings_, no_damage);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  bool append(const RecordBatch& batch) {
    const Result<bool> appended = store_->appender().append(batch);
    EXPECT_TRUE(appended) << appended.error().message;
    return appended && *appended;
  }
  void commit() { ASSERT_TRUE(store_->appender().commit()); }
  /// The next batch; without records where there is none.
  RecordBatch read() {
    RecordBatch batch;
    EXPECT_TRUE(store_->reader().read(batch));
    return batch;
  }
  void settle(const RecordBatch& batch, Fate fate = Fate::delivered) {
    ASSERT_TRUE(store_->reader().settle(settlement_of(batch, fate)));
  }

  MemoryDisk disk_;
  spool::StoreSettings settings_ = small_settings();
  std::unique_ptr<Store> store_;
};

TEST_F(SpoolStore, HandsOutOnlyWhatIsOnTheDisk) {
  append(batch_of({"one"}));
  EXPECT_THAT(read().records, IsEmpty());
  commit();
  EXPECT_THAT(read().records, SizeIs(1));
}

TEST_F(SpoolStore, SurvivesAPowerFailureWithEverythingCommittedAndUnsettled) {
  std::minstd_rand random(1);
  append(batch_of({"one"}));
  append(batch_of({"two", "three"}, 2));
  commit();
  disk_.crash(random);
  open();
  EXPECT_THAT(drain(*store_),
              ElementsAre(HasSubstr("in/1/1 "), HasSubstr("in/1/2 "), HasSubstr("in/1/3 ")));
}

TEST_F(SpoolStore, DoesNotHandOutAgainWhatWasSettledBeforeAPowerFailure) {
  std::minstd_rand random(1);
  append(batch_of({"one", "two"}));
  commit();
  settle(read());
  append(batch_of({"three"}, 3));
  commit();
  disk_.crash(random);
  open();
  EXPECT_THAT(drain(*store_), ElementsAre(HasSubstr("in/1/3 ")));
}

TEST_F(SpoolStore, PutsSmallBatchesTogether) {
  for (std::size_t i = 1; i <= 5; ++i) append(batch_of({"record"}, i));
  commit();
  const RecordBatch batch = read();
  EXPECT_THAT(batch.records, SizeIs(5));
  EXPECT_EQ(batch.id_prefix, "in/1/");
  EXPECT_EQ(batch.first_number, 1U);
  EXPECT_THAT(batch.ids, IsEmpty()) << "numbered, not named one by one";
}

TEST_F(SpoolStore, KeepsTheTimesOfRecordsThatItPutsTogether) {
  for (std::size_t i = 1; i <= 2; ++i) {
    RecordBatch batch = batch_of({"record"}, i);
    batch.time_ms = static_cast<std::int64_t>(1000 * i);
    append(batch);
  }
  commit();
  EXPECT_THAT(read().record_times_ms, ElementsAre(1000, 2000));
}

TEST_F(SpoolStore, SplitsBatchesThatAreLargerThanItsOwnLimit) {
  settings_.batch = {.records_max = 2, .bytes_max = 1000};
  open();
  append(batch_of({"1", "2", "3"}));
  append(batch_of({std::string(600, 'x'), std::string(600, 'y')}, 4));
  commit();
  EXPECT_THAT(read().records, SizeIs(2));
  EXPECT_THAT(read().records, SizeIs(2)) << "the third and the fourth";
  EXPECT_THAT(read().records, SizeIs(1));
}

TEST_F(SpoolStore, HandsOutARecordThatIsLargerThanAnyBatch) {
  append(batch_of({std::string(3'000'000, 'x')}));
  commit();
  EXPECT_EQ(read().bytes.size(), 3'000'000U);
}

TEST_F(SpoolStore, MintsIdsThatAreTheSameAfterARestart) {
  RecordBatch batch = batch_of({"one", "two"});
  batch.id_prefix.clear();
  append(batch);
  commit();
  EXPECT_EQ(read().id_prefix, "gate/5f3a9c0e/");
  open();
  EXPECT_THAT(drain(*store_),
              ElementsAre(HasSubstr("gate/5f3a9c0e/1 "), HasSubstr("gate/5f3a9c0e/2 ")));
  append(batch);
  commit();
  open();
  EXPECT_EQ(read().first_number, 3U);
}

TEST_F(SpoolStore, SaysThatItIsFullAndHasRoomAgainWhenRecordsAreSettled) {
  settings_.bytes_max = 6000;
  open();
  std::size_t appended = 0;
  while (append(batch_of({std::string(400, 'x')}, appended + 1))) {
    commit();
    ASSERT_LE(store_->fill().bytes, settings_.bytes_max);
    ASSERT_LT(++appended, 100U);
  }
  EXPECT_GT(appended, 8U);
  EXPECT_EQ(store_->fill().records, appended);
  EXPECT_EQ(drain(*store_).size(), appended);
  EXPECT_TRUE(append(batch_of({std::string(400, 'x')}, appended + 1)));
}

TEST_F(SpoolStore, TakesABatchThatIsLargerThanTheWholeSpoolWhenItIsEmpty) {
  settings_.bytes_max = 6000;
  open();
  const RecordBatch large = batch_of({std::string(20'000, 'x')});
  append(batch_of({"small"}));
  commit();
  EXPECT_FALSE(append(large));
  EXPECT_THAT(drain(*store_), SizeIs(1));
  EXPECT_TRUE(append(large));
  commit();
  EXPECT_THAT(drain(*store_), SizeIs(1));
}

TEST_F(SpoolStore, SettlesAndMakesRoomOnADiskThatIsFull) {
  for (std::size_t i = 1; i <= 20; ++i) append(batch_of({std::string(400, 'x')}, i));
  commit();
  const std::uint64_t before = store_->fill().bytes;
  disk_.set_full(true);
  EXPECT_FALSE(store_->appender().append(batch_of({std::string(4000, 'x')}, 21)));
  EXPECT_THAT(drain(*store_), SizeIs(20));
  EXPECT_LT(store_->fill().bytes, before / 2);
}

TEST_F(SpoolStore, MakesRoomOnADiskThatItHasFilledItselfWhenEverythingIsSettled) {
  settings_.append.segment_bytes = 1 << 20;
  open();
  const RecordBatch big = batch_of({std::string(3000, 'x')});
  disk_.set_capacity(disk_.contents(spool::kCursorName).size() + 8000);
  append(big);
  append(big);
  commit();
  EXPECT_FALSE(store_->appender().append(big));
  EXPECT_THAT(drain(*store_), SizeIs(2));
  // Attempts as the bridge makes them: reading, which lets go of what is removed, in between.
  Result<bool> appended = store_->appender().append(big);
  EXPECT_THAT(read().records, IsEmpty());
  if (!appended) appended = store_->appender().append(big);
  ASSERT_TRUE(appended) << appended.error().message;
  commit();
  EXPECT_THAT(read().records, SizeIs(1));
}

TEST_F(SpoolStore, RemovesItsSegmentsWhenEverythingIsSettled) {
  for (std::size_t i = 1; i <= 20; ++i) append(batch_of({std::string(400, 'x')}, i));
  commit();
  EXPECT_THAT(drain(*store_), SizeIs(20));
  open();
  EXPECT_THAT(disk_.files(), SizeIs(1)) << "the cursor is left";
}

TEST_F(SpoolStore, ReadsAgainFromTheFirstRecordThatComesBack) {
  append(batch_of({"one", "two", "three"}));
  commit();
  const RecordBatch batch = read();
  ASSERT_TRUE(
      store_->reader().settle({batch.token, {Fate::delivered, Fate::retry, Fate::delivered}}));
  EXPECT_THAT(drain(*store_), ElementsAre(HasSubstr("in/1/2 "), HasSubstr("in/1/3 ")));
}

TEST_F(SpoolStore, WaitsForLaterBatchesBeforeItReadsAgain) {
  settings_.batch.records_max = 1;
  open();
  append(batch_of({"one", "two"}));
  commit();
  const RecordBatch first = read();
  const RecordBatch second = read();
  settle(first, Fate::retry);
  EXPECT_THAT(read().records, IsEmpty());
  EXPECT_TRUE(store_->reader().has_unread());
  settle(second);
  EXPECT_EQ(read().first_number, 1U);
}

TEST_F(SpoolStore, RefusesSettlementsOutOfOrder) {
  settings_.batch.records_max = 1;
  open();
  append(batch_of({"one", "two"}));
  commit();
  read();
  EXPECT_FALSE(store_->reader().settle(settlement_of(read())));
}

/// Appends twelve records in four groups, reads and settles them; what fails is done again, as
/// the adapter does it.
std::vector<std::string> run_with_failures(MemoryDisk& disk, std::size_t& failures) {
  const auto again = [&](auto action) {
    for (int attempt = 0; attempt < 100; ++attempt) {
      auto done = action();
      if (done) return done;
      ++failures;
    }
    ADD_FAILURE() << "it never succeeds";
    return action();
  };
  const auto store =
      std::move(*again([&] { return Store::open(disk.mount(), small_settings(), no_damage); }));
  std::vector<std::string> read;
  for (std::size_t group = 0; group < 4; ++group) {
    const Result<void> stored = again([&]() -> Result<void> {
      for (std::size_t i = 1; i <= 3; ++i) {
        const Result<bool> appended = store->appender().append(
            batch_of({std::string(700, static_cast<char>('a' + i))}, group * 3 + i));
        if (!appended) {
          // The earlier ones of the group come again, too: what of it is there is taken back.
          while (!store->appender().commit()) ++failures;
          return pass_on(appended);
        }
      }
      return store->appender().commit();
    });
    EXPECT_TRUE(stored);
    RecordBatch batch;
    while (*again([&] { return store->reader().read(batch); })) {
      for (std::size_t i = 0; i < batch.records.size(); ++i) read.push_back(describe(batch, i));
      EXPECT_TRUE(again([&] { return store->reader().settle(settlement_of(batch)); }));
    }
  }
  return read;
}

TEST_F(SpoolStore, LosesNothingWhicheverOperationFails) {
  for (std::uint64_t nth = 0;; ++nth) {
    MemoryDisk disk;
    disk.fail_from(nth, 1);
    std::size_t failures = 0;
    std::vector<std::string> read = run_with_failures(disk, failures);
    // The first appearance of each record, in order.
    std::vector<std::string> first;
    for (const std::string& record : read) {
      if (std::ranges::find(first, record) == first.end()) first.push_back(record);
    }
    ASSERT_THAT(first, SizeIs(12)) << "operation " << nth << " failed";
    for (std::size_t i = 0; i < first.size(); ++i) {
      ASSERT_THAT(first[i], HasSubstr("in/1/" + std::to_string(i + 1) + " "));
    }
    if (!disk.is_well()) {
      EXPECT_GT(nth, 30U) << "hardly anything was made to fail";
      break;
    }
  }
}

TEST(SpoolStoreOnDisk, KeepsRecordsInFilesForItsOwnerOnly) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "spool-gate";
  const auto open = [&] {
    return std::move(
        *Store::open(std::move(*spool::open_directory(path)), small_settings(), no_damage));
  };
  {
    const auto store = open();
    ASSERT_TRUE(*store->appender().append(batch_of({"one", "two"})));
    ASSERT_TRUE(store->appender().commit());
  }
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(path).permissions(), perms::owner_all);
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    EXPECT_EQ(file.status().permissions(), perms::owner_read | perms::owner_write) << file.path();
  }
  EXPECT_THAT(drain(*open()), SizeIs(2));
}

TEST(SpoolStoreOnDisk, SaysWhereItCannotBe) {
  const TemporaryDirectory directory;
  const auto opened = spool::open_directory(directory.path() / "nowhere" / "spool-gate");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::storage);
  EXPECT_THAT(opened.error().message, HasSubstr("nowhere/spool-gate"));
}

}  // namespace
}  // namespace copybridge::tests
