// The spool against a model that is too simple to be wrong: random appends, commits, reads,
// settlements, failing and full disks, restarts and power failures. Every seed is printed when it
// fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>

#include "tests/unit/spool/records.h"

namespace copybridge::tests {
namespace {

using adapters::Fate;
using adapters::RecordBatch;
using spool::Store;

constexpr std::uint32_t kSeeds = 4000;
constexpr std::uint32_t kSoakSeeds = 200'000;
constexpr int kSteps = 120;

/// What happened over all seeds, so that the test shows that it showed something.
struct Happened {
  std::uint64_t crashes = 0, tails_lost = 0, tails_kept = 0, full = 0, failed_appends = 0;
  std::uint64_t failed_commits = 0, failed_settles = 0, came_back = 0, segments_removed = 0;
};

void expect_no_damage(const spool::Damage& damage) {
  ADD_FAILURE() << damage.file << " at " << damage.offset << ": " << damage.reason << ", "
                << damage.records << " records";
}

class Trial {
 public:
  Trial(std::uint32_t seed, Happened& happened)
      : random_(seed * 7919 + 1), maker_(random_), happened_(happened) {
    settings_ = small_settings();
    settings_.bytes_max = 6000 + random_() % 20'000;
    settings_.append.extend_bytes = random_() % 2 == 0 ? 512 : 1;
    settings_.batch.records_max = 1 + random_() % 8;
    open();
  }

  void step() {
    switch (random_() % 16) {
      case 0:
        return crash();
      case 1:
        return open();
      case 2:
        disk_.set_full(random_() % 2 == 0);
        return;
      case 3:
        disk_.fail_from(random_() % 6, 1 + random_() % 3);
        return;
      case 4:
      case 5:
      case 6:
      case 7:
        return append();
      case 8:
      case 9:
        return commit();
      case 10:
      case 11:
      case 12:
        return read();
      default:
        return settle();
    }
  }

  /// The disk is well again: everything comes out, and new records go in.
  void end() {
    disk_.stop_failing();
    disk_.set_full(false);
    crash();
    const std::vector<std::string> rest = drain(*store_);
    EXPECT_EQ(rest, expected_from(settled_));
    settled_ = records_.size();
    records_.clear();
    base_ += settled_;
    settled_ = attempted_ = committed_ = next_read_ = 0;
    for (int i = 0; i < 20; ++i) {
      append();
      commit();
      EXPECT_EQ(committed_, records_.size());
      EXPECT_EQ(drain(*store_), expected_from(settled_));
      settled_ = attempted_ = next_read_ = records_.size();
    }
  }

 private:
  /// Records that could not be appended or committed. A process that ends before others are in
  /// their place may leave them behind: nobody was told that they are there, nor that they are not.
  struct Ghost {
    std::size_t from = 0;  ///< how many records of the model come before them
    std::vector<std::string> records;
  };
  struct Out {
    RecordBatch batch;
    std::size_t first = 0;
  };

  std::vector<std::string> expected_from(std::size_t first) const {
    return {records_.begin() + static_cast<std::ptrdiff_t>(first), records_.end()};
  }

  void open() {
    // A process that ends: what was written and not synced is still in the system's cache.
    reopen();
    look(disk_.copy());
  }

  void reopen() {
    store_.reset();
    out_.clear();
    has_gap_ = false;
    auto opened = Store::open(disk_.mount(), settings_, expect_no_damage);
    if (opened) {
      store_ = std::move(*opened);
      return;
    }
    disk_.stop_failing();
    disk_.set_full(false);
    opened = Store::open(disk_.mount(), settings_, expect_no_damage);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  void crash() {
    ++happened_.crashes;
    disk_.crash(random_);
    reopen();
    look(disk_.copy());
  }

  /// Everything committed and not settled is there, in order, then perhaps more of what was
  /// appended; nothing else.
  void look(const std::shared_ptr<MemoryDisk>& copy) {
    auto twin = Store::open(copy->mount(), settings_, expect_no_damage);
    ASSERT_TRUE(twin) << twin.error().message;
    const std::vector<std::string> found = drain(**twin);
    bool matches = continues(found, {records_.size(), {}});
    for (const Ghost& ghost : ghosts_) matches = matches || continues(found, ghost);
    ghosts_.clear();
    ASSERT_TRUE(matches) << found.size() << " found, " << committed_ - settled_ << " to "
                         << records_.size() - settled_ << " expected";
  }

  /// Whether `found` is what the model has, with the ghost in place of what follows it.
  bool continues(const std::vector<std::string>& found, const Ghost& ghost) {
    std::vector<std::string> all(records_.begin(),
                                 records_.begin() + static_cast<std::ptrdiff_t>(ghost.from));
    all.insert(all.end(), ghost.records.begin(), ghost.records.end());
    for (std::size_t first = settled_; first <= attempted_; ++first) {
      const std::size_t end = first + found.size();
      if (end < committed_ || end > all.size()) continue;
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
      if (!std::equal(found.begin(), found.end(), begin)) continue;
      happened_.tails_lost += end < records_.size() ? 1U : 0U;
      happened_.tails_kept += end > committed_ ? 1U : 0U;
      settled_ = attempted_ = next_read_ = first;
      committed_ = end;
      all.resize(end);
      records_ = all;
      return true;
    }
    return false;
  }

  void append() {
    const RecordBatch batch = maker_.make(5, 300);
    const bool was_well = disk_.is_well();
    const Result<bool> appended = store_->appender().append(batch);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      texts.push_back(describe(batch, i, base_ + records_.size() + i + 1));
    }
    if (!appended) {
      ++happened_.failed_appends;
      ghosts_.push_back({records_.size(), texts});
      return;
    }
    if (!*appended) {
      ++happened_.full;
      EXPECT_TRUE(settled_ < records_.size() || !was_well) << "full, and nothing is in it";
      return;
    }
    records_.insert(records_.end(), texts.begin(), texts.end());
  }

  void commit() {
    if (store_->appender().commit()) {
      committed_ = records_.size();
      std::erase_if(ghosts_, [&](const Ghost& ghost) { return ghost.from < committed_; });
      return;
    }
    ++happened_.failed_commits;
    for (Ghost& ghost : ghosts_) {
      ghost.records.insert(ghost.records.begin(),
                           records_.begin() + static_cast<std::ptrdiff_t>(committed_),
                           records_.begin() + static_cast<std::ptrdiff_t>(ghost.from));
      ghost.from = committed_;
    }
    ghosts_.push_back({committed_, expected_from(committed_)});
    records_.resize(committed_);
  }

  void read() {
    Out out;
    const Result<bool> got = store_->reader().read(out.batch);
    ASSERT_TRUE(got) << got.error().message;
    if (!*got) {
      EXPECT_TRUE(has_gap_ || next_read_ == committed_) << "records are left";
      return;
    }
    if (has_gap_) next_read_ = settled_;
    has_gap_ = false;
    out.first = next_read_;
    for (std::size_t i = 0; i < out.batch.records.size(); ++i) {
      ASSERT_LT(next_read_, committed_) << "read before it was committed";
      ASSERT_EQ(describe(out.batch, i), records_[next_read_++]);
    }
    out_.push_back(std::move(out));
  }

  void settle() {
    if (out_.empty()) return;
    const Out& out = out_.front();
    adapters::Settlement settlement = settlement_of(out.batch);
    const std::size_t count = settlement.fates.size();
    const std::size_t back = random_() % 8 == 0 ? random_() % count : count;
    if (back < count) settlement.fates[back] = Fate::retry;
    const std::size_t segments = disk_.files().size();
    const Result<void> settled = store_->reader().settle(settlement);
    attempted_ = has_gap_ ? attempted_ : std::max(attempted_, out.first + back);
    if (!settled) {
      ++happened_.failed_settles;
      return;
    }
    happened_.segments_removed += segments - disk_.files().size();
    if (!has_gap_) settled_ = out.first + back;
    has_gap_ = has_gap_ || back < count;
    happened_.came_back += back < count ? 1U : 0U;
    out_.pop_front();
  }

  std::minstd_rand random_;
  BatchMaker maker_;
  Happened& happened_;
  MemoryDisk disk_;
  spool::StoreSettings settings_;
  std::unique_ptr<Store> store_;

  // The model: all records ever appended and still there, and how far each step has come.
  std::vector<std::string> records_;
  std::size_t base_ = 0;       ///< records before records_[0]
  std::size_t settled_ = 0;    ///< durable
  std::size_t attempted_ = 0;  ///< a settlement that failed may be durable all the same
  std::size_t committed_ = 0;
  std::size_t next_read_ = 0;
  bool has_gap_ = false;
  std::vector<Ghost> ghosts_;
  std::deque<Out> out_;
};

TEST(SpoolModel, HoldsThroughFailuresFullDisksAndPowerFailures) {
  const char* const soak = std::getenv("COPYBRIDGE_SOAK");
  const std::uint32_t seeds = soak != nullptr && soak == std::string("yes") ? kSoakSeeds : kSeeds;
  Happened happened;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    Trial trial(seed, happened);
    for (int step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) trial.step();
    if (!::testing::Test::HasFailure()) trial.end();
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(happened.crashes, kSeeds);
  EXPECT_GT(happened.tails_lost, 100U);
  EXPECT_GT(happened.tails_kept, 100U);
  EXPECT_GT(happened.full, 100U);
  EXPECT_GT(happened.failed_appends, 100U);
  EXPECT_GT(happened.failed_commits, 100U);
  EXPECT_GT(happened.failed_settles, 100U);
  EXPECT_GT(happened.came_back, 100U);
  EXPECT_GT(happened.segments_removed, kSeeds);
}

}  // namespace
}  // namespace copybridge::tests
