// What damaged bytes cost: for every kind of damage exactly which records are lost, what is
// reported and what is put aside. Neighbours survive, nothing is invented, and it goes on.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/spool/records.h"

namespace copybridge::tests {
namespace {

using spool::Damage;
using spool::Store;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kRecords = 9;
constexpr std::size_t kRecordsPerSegment = 3;

std::string content(std::size_t number) { return fmt::format("record {:03}", number); }

/// Where a record lies.
struct Place {
  std::string file;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// A spool of nine committed records in three segments, none settled.
class SpoolDamage : public ::testing::Test {
 protected:
  SpoolDamage() { fill(disk_); }

  void fill(MemoryDisk& disk) {
    auto store = open(disk);
    for (std::size_t number = 1; number <= kRecords; ++number) {
      ASSERT_TRUE(*store->appender().append(batch_of({content(number)}, number)));
      ASSERT_TRUE(store->appender().commit());
    }
    places_ = find_places(disk);
    ASSERT_EQ(places_.size(), kRecords);
  }

  static spool::StoreSettings settings() {
    spool::StoreSettings settings = small_settings();
    // The third record of a segment is the first that ends behind this size.
    settings.append.segment_bytes = 64 + 2 * 110 + 1;
    settings.append.extend_bytes = 64;
    settings.batch.records_max = 2;
    return settings;
  }

  std::unique_ptr<Store> open(MemoryDisk& disk) {
    auto store = Store::open(disk.mount(), settings(),
                             [this](const Damage& damage) { damages_.push_back(damage); });
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }

  static std::vector<Place> find_places(MemoryDisk& disk) {
    std::vector<Place> places;
    const auto storage = disk.mount();
    for (const auto& [name, bytes] : disk.files()) {
      const auto identity = spool::read_segment_name(name);
      if (!identity) continue;
      spool::SegmentReader reader(std::move(*storage->open(name)), identity->home);
      for (;;) {
        const auto piece = reader.next(bytes.size(), 0);
        if (piece->kind != spool::Piece::Kind::frame) break;
        places.push_back({name, piece->offset, piece->size});
      }
    }
    return places;
  }

  const Place& place(std::size_t number) const { return places_.at(number - 1); }
  std::string& file_of(std::size_t number) { return disk_.contents(place(number).file); }
  std::string bytes_of(std::size_t number) {
    return file_of(number).substr(place(number).offset, place(number).size);
  }

  /// The numbers of the records that come out, in order.
  std::vector<std::size_t> survivors(MemoryDisk& disk) {
    damages_.clear();
    const auto store = open(disk);
    std::vector<std::size_t> numbers;
    for (const std::string& text : drain(*store)) {
      const std::size_t number = std::stoul(text.substr(text.find_last_of('/') + 1));
      const std::string expected = describe(batch_of({content(number)}, number), 0);
      EXPECT_EQ(text, expected) << "altered or invented";
      numbers.push_back(number);
    }
    return numbers;
  }
  std::vector<std::size_t> survivors() { return survivors(disk_); }

  static std::vector<std::size_t> all_but(const std::vector<std::size_t>& lost) {
    std::vector<std::size_t> numbers;
    for (std::size_t number = 1; number <= kRecords; ++number) {
      if (std::ranges::find(lost, number) == lost.end()) numbers.push_back(number);
    }
    return numbers;
  }

  /// One line per damage: how many records at which record's place, and how many bytes.
  std::vector<std::string> reports() const {
    std::vector<std::string> lines;
    for (const Damage& damage : damages_) {
      lines.push_back(fmt::format("{} records, {} bytes", damage.records, damage.bytes));
    }
    return lines;
  }

  /// What was put aside for the only damage.
  std::string put_aside() {
    EXPECT_EQ(damages_.size(), 1U);
    return damages_.empty() ? "" : disk_.files()[damages_.front().put_aside];
  }

  /// New records go in and out, and what was damaged is not spoken of again.
  void goes_on() {
    damages_.clear();
    const auto store = open(disk_);
    EXPECT_THAT(drain(*store), IsEmpty());
    ASSERT_TRUE(*store->appender().append(batch_of({content(500)}, 500)));
    ASSERT_TRUE(store->appender().commit());
    EXPECT_THAT(drain(*store), ElementsAre(HasSubstr("in/1/500")));
    EXPECT_THAT(reports(), IsEmpty());
  }

  MemoryDisk disk_;
  std::vector<Place> places_;
  std::vector<Damage> damages_;
};

TEST_F(SpoolDamage, HasThreeSegmentsOfThreeRecordsToBeginWith) {
  for (std::size_t number = 1; number <= kRecords; ++number) {
    EXPECT_EQ(place(number).file, place((number - 1) / kRecordsPerSegment * 3 + 1).file);
  }
  EXPECT_NE(place(3).file, place(4).file);
  EXPECT_NE(place(6).file, place(7).file);
  EXPECT_EQ(survivors(), all_but({}));
  EXPECT_THAT(reports(), IsEmpty());
  goes_on();
}

TEST_F(SpoolDamage, CostsTheOneRecordThatAFlippedByteLiesIn) {
  for (std::size_t number = 1; number <= kRecords; ++number) {
    for (std::uint64_t byte = 0; byte < place(number).size; ++byte) {
      const auto copy = disk_.copy();
      copy->contents(place(number).file)[place(number).offset + byte] ^= 0x10;
      ASSERT_EQ(survivors(*copy), all_but({number})) << "byte " << byte << " of " << number;
      ASSERT_THAT(reports(), ElementsAre(fmt::format("1 records, {} bytes", place(number).size)));
      ASSERT_EQ(damages_.front().file, place(number).file);
      ASSERT_EQ(damages_.front().offset, place(number).offset);
      std::string damaged = bytes_of(number);
      damaged[byte] ^= 0x10;
      ASSERT_EQ(copy->files()[damages_.front().put_aside], damaged);
    }
  }
}

TEST_F(SpoolDamage, CostsNothingWhereTheHeaderOfASegmentIsDamaged) {
  for (const std::size_t first : {1U, 4U, 7U}) {
    for (std::uint64_t byte = 0; byte < spool::kSegmentHeaderSize; ++byte) {
      const auto copy = disk_.copy();
      copy->contents(place(first).file)[byte] ^= 0x01;
      ASSERT_EQ(survivors(*copy), all_but({})) << "byte " << byte << " of " << place(first).file;
      ASSERT_THAT(reports(), ElementsAre("0 records, 64 bytes"));
    }
  }
}

TEST_F(SpoolDamage, CostsNothingBehindTheEndOfASegment) {
  for (const std::size_t last : {3U, 6U, 9U}) {
    const auto copy = disk_.copy();
    std::string& bytes = copy->contents(place(last).file);
    const std::uint64_t end = place(last).offset + place(last).size;
    ASSERT_LT(end, bytes.size()) << "no zeros are left to damage";
    for (std::size_t i = end; i < bytes.size(); ++i) bytes[i] = 'x';
    EXPECT_EQ(survivors(*copy), all_but({}));
    EXPECT_THAT(reports(), IsEmpty());
  }
}

TEST_F(SpoolDamage, CostsWhatLiesBehindTheCutOfATruncatedSegment) {
  for (const std::size_t first : {1U, 4U, 7U}) {
    const std::string& name = place(first).file;
    const std::uint64_t end = place(first + 2).offset + place(first + 2).size;
    for (std::uint64_t size = 0; size <= end; ++size) {
      const auto copy = disk_.copy();
      copy->contents(name).resize(size);
      std::vector<std::size_t> lost;
      for (std::size_t number = first; number < first + 3; ++number) {
        if (place(number).offset + place(number).size > size) lost.push_back(number);
      }
      ASSERT_EQ(survivors(*copy), all_but(lost)) << size << " bytes left of " << name;
      std::uint64_t reported = 0;
      for (const Damage& damage : damages_) reported += damage.records;
      ASSERT_EQ(reported, lost.size());
      // Two where the header is cut, too.
      ASSERT_EQ(damages_.size(), (lost.empty() ? 0U : 1U) + (size < 64 ? 1U : 0U));
    }
  }
}

TEST_F(SpoolDamage, CostsTheRecordsThatZerosLieOver) {
  std::string& bytes = file_of(4);
  const std::uint64_t begin = place(4).offset + 50;
  const std::uint64_t end = place(5).offset + 1;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), end - begin, '\0');
  const std::string damaged = bytes.substr(place(4).offset, place(4).size + place(5).size);
  EXPECT_EQ(survivors(), all_but({4, 5}));
  EXPECT_THAT(reports(),
              ElementsAre(fmt::format("2 records, {} bytes", place(4).size + place(5).size)));
  EXPECT_EQ(put_aside(), damaged);
  goes_on();
}

TEST_F(SpoolDamage, CostsAWholeSegmentOfZerosAndNoOther) {
  std::string& bytes = file_of(4);
  std::fill(bytes.begin(), bytes.end(), '\0');
  EXPECT_EQ(survivors(), all_but({4, 5, 6}));
  EXPECT_THAT(reports(), ElementsAre("0 records, 64 bytes", "3 records, 0 bytes"));
  goes_on();
}

TEST_F(SpoolDamage, CostsTheNewestSegmentWhereItIsZeros) {
  std::string& bytes = file_of(7);
  std::fill(bytes.begin(), bytes.end(), '\0');
  EXPECT_EQ(survivors(), all_but({7, 8, 9}));
  EXPECT_THAT(reports(), ElementsAre("0 records, 64 bytes", "3 records, 0 bytes"));
  goes_on();
}

TEST_F(SpoolDamage, PutsARecordThatStandsThereTwiceAside) {
  const std::string fourth = bytes_of(4);
  file_of(4).insert(place(5).offset, fourth);
  EXPECT_EQ(survivors(), all_but({}));
  EXPECT_THAT(reports(), ElementsAre(fmt::format("0 records, {} bytes", place(4).size)));
  EXPECT_EQ(put_aside(), fourth);
  goes_on();
}

TEST_F(SpoolDamage, PutsBytesBetweenRecordsAside) {
  file_of(4).insert(place(5).offset, "who wrote this? CBsp");
  EXPECT_EQ(survivors(), all_but({}));
  EXPECT_THAT(reports(), ElementsAre("0 records, 20 bytes"));
  EXPECT_EQ(put_aside(), "who wrote this? CBsp");
  goes_on();
}

TEST_F(SpoolDamage, CostsARecordWhoseBytesAreTakenOut) {
  file_of(4).erase(place(5).offset, place(5).size);
  EXPECT_EQ(survivors(), all_but({5}));
  EXPECT_THAT(reports(), ElementsAre("1 records, 0 bytes"));
  EXPECT_EQ(damages_.front().offset, place(5).offset);
  goes_on();
}

TEST_F(SpoolDamage, PutsARecordThatStandsBehindALaterOneAside) {
  const std::string fourth = bytes_of(4);
  file_of(4).replace(place(4).offset, place(4).size, bytes_of(5));
  file_of(4).replace(place(5).offset, place(5).size, fourth);
  EXPECT_EQ(survivors(), all_but({4}));
  EXPECT_THAT(reports(),
              ElementsAre("1 records, 0 bytes", fmt::format("0 records, {} bytes", place(4).size)));
  EXPECT_EQ(disk_.files()[damages_.back().put_aside], fourth);
}

TEST_F(SpoolDamage, TakesNoRecordOfAnotherSegmentForItsOwn) {
  file_of(4).replace(place(5).offset, place(5).size, bytes_of(8));
  EXPECT_EQ(survivors(), all_but({5}));
  EXPECT_THAT(reports(), ElementsAre(fmt::format("1 records, {} bytes", place(5).size)));
}

TEST_F(SpoolDamage, FindsSegmentsThatHaveEachOthersNames) {
  std::swap(file_of(1), file_of(7));
  EXPECT_EQ(survivors(), all_but({}));
  EXPECT_THAT(reports(), ElementsAre("0 records, 0 bytes", "0 records, 0 bytes"));
  EXPECT_THAT(damages_.front().reason, HasSubstr("name of another"));
}

TEST_F(SpoolDamage, PutsACopyOfASegmentAside) {
  disk_.put("0000000099-00000000000000000004-5f3a9c0e1b2d4c77.segment", file_of(4));
  EXPECT_EQ(survivors(), all_but({}));
  ASSERT_THAT(damages_, ::testing::SizeIs(1));
  EXPECT_THAT(damages_.front().reason, HasSubstr("there twice"));
  EXPECT_EQ(damages_.front().put_aside,
            "0000000099-00000000000000000004-5f3a9c0e1b2d4c77.segment.damaged");
}

TEST_F(SpoolDamage, PutsASegmentOfAnotherSpoolAside) {
  MemoryDisk other;
  spool::StoreSettings settings = small_settings();
  settings.new_epoch = 77;
  {
    auto store = Store::open(other.mount(), settings, [](const Damage&) {});
    ASSERT_TRUE(*(*store)->appender().append(batch_of({"stranger"})));
    ASSERT_TRUE((*store)->appender().commit());
  }
  for (const auto& [name, bytes] : other.files()) {
    if (name.ends_with(".segment")) disk_.put(name, bytes);
  }
  EXPECT_EQ(survivors(), all_but({}));
  EXPECT_THAT(reports(), ElementsAre("0 records, 0 bytes"));
  EXPECT_THAT(damages_.front().reason, HasSubstr("of another spool"));
  goes_on();
}

TEST_F(SpoolDamage, PutsAFileThatIsNoneOfItsOwnAside) {
  disk_.put("notes.txt", "hello");
  EXPECT_EQ(survivors(), all_but({}));
  EXPECT_THAT(reports(), ElementsAre("0 records, 0 bytes"));
  EXPECT_EQ(disk_.files().at("notes.txt.damaged"), "hello");
  goes_on();
}

TEST_F(SpoolDamage, CostsTheRecordsOfAMissingSegment) {
  for (const std::size_t first : {1U, 4U, 7U}) {
    const auto copy = disk_.copy();
    copy->erase(place(first).file);
    EXPECT_EQ(survivors(*copy), all_but({first, first + 1, first + 2}));
    ASSERT_THAT(reports(), ElementsAre("3 records, 0 bytes"));
    EXPECT_THAT(damages_.front().reason, HasSubstr("missing"));
  }
}

TEST_F(SpoolDamage, CountsTheRecordsWhereAllSegmentsAreMissing) {
  for (const std::size_t first : {1U, 4U, 7U}) disk_.erase(place(first).file);
  EXPECT_THAT(survivors(), IsEmpty());
  EXPECT_THAT(reports(), ElementsAre("9 records, 0 bytes"));
  goes_on();
}

TEST_F(SpoolDamage, HandsEverythingOutAgainWhereTheCursorIsGone) {
  {
    const auto store = open(disk_);
    adapters::RecordBatch batch;
    ASSERT_TRUE(*store->reader().read(batch));
    ASSERT_TRUE(store->reader().settle(settlement_of(batch)));
  }
  for (const bool is_there : {false, true}) {
    const auto copy = disk_.copy();
    if (is_there) {
      std::string& cursor = copy->contents("cursor");
      std::fill(cursor.begin(), cursor.end(), '\0');
    } else {
      copy->erase("cursor");
    }
    EXPECT_EQ(survivors(*copy), all_but({}));
    ASSERT_EQ(damages_.size(), 1U);
    EXPECT_THAT(damages_.front().reason, HasSubstr("come again"));
    EXPECT_EQ(damages_.front().records, 0U);
  }
}

TEST_F(SpoolDamage, GoesBackOneSettlementAtMostWhereASlotOfTheCursorIsDamaged) {
  {
    const auto store = open(disk_);
    adapters::RecordBatch batch;
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(*store->reader().read(batch));
      ASSERT_TRUE(store->reader().settle(settlement_of(batch)));
    }
  }
  const std::vector<std::size_t> intact = survivors(*disk_.copy());
  ASSERT_EQ(intact.front(), 5U);
  const std::size_t cursor_size = disk_.files().at("cursor").size();
  for (std::size_t byte = 0; byte < cursor_size; ++byte) {
    const auto copy = disk_.copy();
    copy->contents("cursor")[byte] ^= 0x04;
    const std::vector<std::size_t> found = survivors(*copy);
    ASSERT_THAT(reports(), IsEmpty()) << "byte " << byte;
    ASSERT_GE(found.size(), intact.size());
    ASSERT_TRUE(std::equal(intact.rbegin(), intact.rend(), found.rbegin())) << "byte " << byte;
  }
}

TEST_F(SpoolDamage, NeverMintsAnIdASecondTimeWhateverIsGone) {
  MemoryDisk disk;
  const auto append = [](Store& store, const std::string& text) {
    adapters::RecordBatch batch = batch_of({text});
    batch.id_prefix.clear();
    EXPECT_TRUE(*store.appender().append(batch));
    EXPECT_TRUE(store.appender().commit());
  };
  for (int i = 0; i < 5; ++i) append(*open(disk), "before");
  for (const auto& [name, bytes] : disk.files()) {
    if (name != "cursor") disk.erase(name);
  }
  const auto store = open(disk);
  append(*store, "behind");
  EXPECT_THAT(drain(*store), ElementsAre(HasSubstr("gate/5f3a9c0e/6 ")));
}

TEST_F(SpoolDamage, IsReportedOnceHoweverOftenRecordsComeBack) {
  file_of(4)[place(4).offset + 40] ^= 1;
  const auto store = open(disk_);
  damages_.clear();
  adapters::RecordBatch batch;
  for (int i = 0; i < 5; ++i) {
    std::vector<adapters::Settlement> out;
    while (*store->reader().read(batch)) {
      out.push_back(settlement_of(batch, adapters::Fate::retry));
    }
    ASSERT_FALSE(out.empty());
    for (const auto& settlement : out) ASSERT_TRUE(store->reader().settle(settlement));
  }
  EXPECT_THAT(reports(), ElementsAre(HasSubstr("1 records")));
  EXPECT_EQ(drain(*store).size(), kRecords - 1);
}

TEST_F(SpoolDamage, IsTriedAgainWhereItsBytesCannotBePutAside) {
  file_of(4)[place(4).offset + 40] ^= 1;
  std::size_t errors_seen = 0;
  for (std::uint64_t nth = 0;; ++nth) {
    const auto copy = disk_.copy();
    damages_.clear();
    const auto store = open(*copy);
    copy->fail_from(nth, 1);
    std::size_t errors = 0;
    std::size_t records = 0;
    adapters::RecordBatch batch;
    for (;;) {
      const Result<bool> got = store->reader().read(batch);
      errors += got ? 0U : 1U;
      if (!got) continue;
      if (!*got) break;
      records += batch.records.size();
      Result<void> settled = store->reader().settle(settlement_of(batch));
      errors += settled ? 0U : 1U;
      if (!settled) settled = store->reader().settle(settlement_of(batch));
      ASSERT_TRUE(settled);
    }
    ASSERT_EQ(records, kRecords - 1) << "operation " << nth << " failed";
    ASSERT_THAT(reports(), ElementsAre(HasSubstr("1 records")));
    ASSERT_EQ(copy->files()[damages_.front().put_aside].size(), place(4).size);
    errors_seen += errors;
    if (!copy->is_well()) break;
  }
  EXPECT_GT(errors_seen, 5U);
}

}  // namespace
}  // namespace copybridge::tests
