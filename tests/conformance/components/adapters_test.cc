// What adapters/adapter.h promises, held against every registered adapter, alone and behind a
// spool. An adapter that is registered and has no rig here fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>

#include "bridge/components/components.h"
#include "bridge/spool/spooled_adapter.h"
#include "tests/conformance/components/place.h"
#include "tests/support/secret_hunt.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::tests {

std::vector<AdapterRig>& adapter_rigs() {
  static std::vector<AdapterRig> rigs;
  return rigs;
}

namespace {

using adapters::Adapter;
using adapters::Fate;
using adapters::ReadStatus;
using adapters::RecordBatch;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Milliseconds kReadWait{50};

std::string name_of(const ::testing::TestParamInfo<AdapterRig>& info) {
  std::string name(info.param.kind);
  if (!info.param.way.empty()) name += "-" + std::string(info.param.way);
  std::ranges::replace(name, '-', '_');
  return name + (info.param.behind == Behind::spool ? "_spooled" : "");
}

struct GotRecord {
  std::string id;
  std::string bytes;
  bool operator==(const GotRecord&) const = default;
};

std::vector<GotRecord> records_of(const RecordBatch& batch) {
  std::vector<GotRecord> records;
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    const ByteView bytes = batch.bytes.view(batch.records[i].offset, batch.records[i].size);
    records.push_back({batch.ids.empty() ? batch.id_prefix + std::to_string(batch.first_number + i)
                                         : batch.ids[i],
                       std::string(bytes.begin(), bytes.end())});
  }
  return records;
}

std::vector<std::string> bytes_of(const std::vector<GotRecord>& records) {
  std::vector<std::string> bytes(records.size());
  std::ranges::transform(records, bytes.begin(), &GotRecord::bytes);
  return bytes;
}

std::vector<std::string> some_records(std::size_t count) {
  std::vector<std::string> records;
  for (std::size_t i = 0; i < count; ++i) records.push_back("HIDDEN" + std::to_string(10 + i));
  return records;
}

class AdapterContract : public ::testing::TestWithParam<AdapterRig> {
 protected:
  AdapterContract() : place_(GetParam().make_place(folder_.path())) {}
  void SetUp() override { restart(); }
  /// No kind lets a secret of its options into the log or the state directory.
  void TearDown() override {
    adapter_.reset();
    state_.reset();
    secrets_.note();
    std::string said;
    for (const std::string& line : lines_) said += line;
    EXPECT_EQ(secrets_.found_in(said), "") << "is in the log";
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_.path() / "state")) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string content(std::istreambuf_iterator<char>(file), {});
      EXPECT_EQ(secrets_.found_in(content), "") << "is in " << entry.path();
    }
  }

  /// As a new process that finds what the last one left.
  void restart() {
    adapter_.reset();
    state_.reset();
    auto state = StateDirectory::open(folder_.path() / "state");
    ASSERT_TRUE(state) << state.error().message;
    state_ = std::make_unique<StateDirectory>(std::move(*state));
    make();
    const Result<void> opened = adapter_->open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  void make() {
    const auto kinds = components::adapter_kinds();
    const auto kind = std::ranges::find(kinds, GetParam().kind, &adapters::AdapterKind::kind);
    ASSERT_NE(kind, kinds.end());
    Diagnostics diagnostics;
    const ConfigNode node = parse_yaml(place_->options(), "bridge.yaml", diagnostics);
    const Options options = read_options(node, (*kind)->options, {}, diagnostics);
    const adapters::AdapterContext context{"in", folder_.path(), state_.get(), log_,
                                           system_clock()};
    adapter_ = (*kind)->make(context, options, diagnostics);
    ASSERT_NE(adapter_, nullptr);
    if (GetParam().behind == Behind::spool)
      adapter_ = spool::make_spooled(context, {}, std::move(adapter_));
  }
  void feed(const std::vector<std::string>& records) { place_->feed(records); }

  /// The next batch that is no notice; notices are settled.
  RecordBatch next() {
    RecordBatch batch;
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < limit) {
      const Result<ReadStatus> status = adapter_->read(batch, kReadWait);
      EXPECT_TRUE(status) << status.error().message;
      if (!status) break;
      if (*status != ReadStatus::batch) continue;
      if (!batch.is_notice) return batch;
      settle(batch);
    }
    ADD_FAILURE() << "no batch came";
    return batch;
  }
  void settle(const RecordBatch& batch, std::vector<Fate> fates = {}) {
    fates.resize(batch.records.size(), Fate::delivered);
    const Result<void> settled = adapter_->settle({batch.token, std::move(fates)});
    EXPECT_TRUE(settled) << settled.error().message;
  }
  /// Reads and settles so many records.
  std::vector<GotRecord> take(std::size_t count) {
    std::vector<GotRecord> all;
    while (all.size() < count && !HasFailure()) {
      const RecordBatch batch = next();
      std::ranges::move(records_of(batch), std::back_inserter(all));
      settle(batch);
    }
    return all;
  }

  /// The same without those that came in the last one's batch: what was read one by one may come
  /// together the next time.
  std::vector<GotRecord> take_first(std::size_t count) {
    std::vector<GotRecord> all = take(count);
    all.resize(std::min(all.size(), count));
    return all;
  }

  TemporaryDirectory folder_;
  std::vector<std::string> lines_;
  std::mutex lines_mutex_;
  Log log_{LogLevel::debug, LogFormat::json, system_clock(), [this](std::string_view line) {
             const std::scoped_lock lock(lines_mutex_);
             lines_.emplace_back(line);
           }};
  std::unique_ptr<StateDirectory> state_;
  std::unique_ptr<Place> place_;
  testing_support::SecretHunt secrets_{place_->options()};
  std::unique_ptr<Adapter> adapter_;
};

TEST_P(AdapterContract, OpensAndClosesTwice) {
  adapter_->close();
  adapter_->close();
  EXPECT_TRUE(adapter_->open());
  adapter_->close();
}

TEST_P(AdapterContract, HasNoRecordsWhereNothingIsThere) {
  RecordBatch batch;
  const Result<ReadStatus> status = adapter_->read(batch, Milliseconds(0));
  ASSERT_TRUE(status);
  EXPECT_NE(*status, ReadStatus::batch);
  EXPECT_TRUE(batch.records.empty());
}

TEST_P(AdapterContract, HandsOutRecordsInTheirOrderEachWithAnIdOfItsOwn) {
  feed(some_records(10));
  const std::vector<GotRecord> got = take(10);
  std::set<std::string> ids;
  for (const GotRecord& record : got) ids.insert(record.id);
  EXPECT_EQ(bytes_of(got), some_records(10));
  EXPECT_EQ(ids.size(), 10U);
}

TEST_P(AdapterContract, ReadsUnitsOfOneForAsLongAsItIsTold) {
  feed(some_records(10));
  adapter_->limit_batches(1);
  std::vector<GotRecord> got;
  while (got.size() < 5 && !HasFailure()) {
    const RecordBatch batch = next();
    ASSERT_EQ(batch.records.size(), 1U);
    got.push_back(records_of(batch).front());
    settle(batch);
  }
  adapter_->limit_batches(0);
  bool was_larger = false;
  while (got.size() < 10 && !HasFailure()) {
    const RecordBatch batch = next();
    was_larger = was_larger || batch.records.size() > 1;
    std::ranges::move(records_of(batch), std::back_inserter(got));
    settle(batch);
  }
  EXPECT_TRUE(was_larger);
  EXPECT_EQ(bytes_of(got), some_records(10));
}

TEST_P(AdapterContract, KeepsBytesReadableBehindABatch) {
  feed(some_records(3));
  const RecordBatch batch = next();
  const framing::RecordSpan& last = batch.records.back();
  ASSERT_LE(last.offset + last.size, batch.bytes.size());
  unsigned sum = 0;
  for (std::size_t i = 0; i < kReadableTail; ++i) sum += batch.bytes.data()[batch.bytes.size() + i];
  EXPECT_LT(sum, 256U * kReadableTail);
}

TEST_P(AdapterContract, HandsOutAgainWithTheSameIdsWhatWasNotSettled) {
  feed(some_records(3));
  const std::vector<GotRecord> first = records_of(next());
  restart();
  // In the same batch, or one by one.
  EXPECT_EQ(take_first(first.size()), first);
}

TEST_P(AdapterContract, HandsOutAgainAfterCloseAndOpen) {
  feed(some_records(3));
  const std::vector<GotRecord> first = records_of(next());
  adapter_->close();
  ASSERT_TRUE(adapter_->open());
  EXPECT_EQ(take_first(first.size()), first);
}

TEST_P(AdapterContract, DoesNotHandOutAgainWhatWasSettled) {
  feed(some_records(3));
  take(3);
  restart();
  feed({"HIDDEN99"});
  EXPECT_EQ(take(1).at(0).bytes, "HIDDEN99");
}

TEST_P(AdapterContract, HandsOutAgainWhatCameBack) {
  feed(some_records(12));
  RecordBatch batch = next();
  // A topic gives the first record as soon as it is there.
  for (int i = 0; i < 11 && batch.records.size() < 2; ++i) {
    settle(batch);
    batch = next();
  }
  const GotRecord second = records_of(batch).at(1);
  settle(batch, {Fate::delivered, Fate::retry});
  restart();
  // A unit of work comes back whole.
  EXPECT_THAT(take(2), ::testing::Contains(second));
}

TEST_P(AdapterContract, TakesSettlementsAfterLaterReads) {
  feed(some_records(12));
  std::vector<RecordBatch> batches;
  std::size_t records = 0;
  while (records < 12 && batches.size() < adapter_->batches_in_flight_max() && !HasFailure()) {
    batches.push_back(next());
    records += batches.back().records.size();
  }
  for (const RecordBatch& batch : batches) settle(batch);
  restart();
  feed({"HIDDEN99"});
  EXPECT_EQ(records_of(next()).at(0).bytes, records == 12 ? "HIDDEN99" : some_records(12)[records]);
}

TEST_P(AdapterContract, EndsAReadThatWaitsWhenItIsInterrupted) {
  RecordBatch batch;
  auto waiting =
      std::async(std::launch::async, [&] { return adapter_->read(batch, Milliseconds(600'000)); });
  adapter_->interrupt();
  if (waiting.wait_for(kPatience) == std::future_status::ready) {
    EXPECT_TRUE(waiting.get());
    return;
  }
  ADD_FAILURE() << "interrupt() is not heard";
  feed(some_records(1));
}

TEST_P(AdapterContract, KeepsRecordsOutOfTheLog) {
  feed(some_records(5));
  take(5);
  restart();
  const std::scoped_lock lock(lines_mutex_);
  for (std::size_t i = 1; i < 5; ++i) {  // The first one is the file's name here.
    EXPECT_THAT(lines_, Each(Not(HasSubstr(some_records(5)[i]))));
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, AdapterContract, ::testing::ValuesIn(adapter_rigs()), name_of);

TEST(AdapterRegistry, HasARigForEveryKindAloneAndBehindASpool) {
  for (const adapters::AdapterKind* kind : components::adapter_kinds()) {
    for (const bool is_spooled : {false, true}) {
      if (!kind->holds_records && !is_spooled) continue;
      EXPECT_TRUE(std::ranges::any_of(adapter_rigs(),
                                      [&](const AdapterRig& rig) {
                                        return rig.kind == kind->kind &&
                                               (rig.behind == Behind::spool) == is_spooled;
                                      }))
          << kind->kind << " is registered and not held to the contract";
    }
  }
}

}  // namespace
}  // namespace copybridge::tests
