// Which segments a spool has, and how far they are committed and settled: what the appending and
// the reading thread share.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bridge/spool/scan.h"
#include "bridge/spool/storage.h"

namespace copybridge::spool {

struct Segment {
  SegmentIdentity identity;
  std::string name;
  std::uint64_t size = 0;       ///< of the file
  bool is_header_sound = true;  ///< otherwise the file's name says what it is

  [[nodiscard]] std::uint64_t number() const { return identity.home.segment; }
};

/// The end of what was appended: the next record's place.
struct Tail {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  std::uint64_t sequence = 1;
};

/// How much lies in the spool.
struct Fill {
  std::uint64_t records = 0;  ///< not settled
  std::uint64_t bytes = 0;    ///< of the segments on the disk
  std::uint64_t bytes_max = 0;
};

/// Thread-safe.
class Shelf {
 public:
  Shelf(Storage& storage, std::uint64_t bytes_max) : storage_(storage), bytes_max_(bytes_max) {}

  /// What an earlier process left: segments by number, the end of the last, records settled.
  void restore(std::vector<Segment> segments, const Tail& committed, std::uint64_t settled);

  /// A spool without segments has room for anything, so that no record is too large for ever.
  [[nodiscard]] bool has_room(std::uint64_t growth) const;
  void add(Segment segment);
  /// The newest segment's file has another size.
  void resize_newest(std::uint64_t size);
  void commit(const Tail& tail);
  /// Removes the newest segment, in which nothing is.
  void remove_newest();
  /// Removes segments that were begun since the last commit.
  void remove_uncommitted();
  /// Removes every segment; false where one holds a record that is not settled.
  bool remove_all();

  /// Records before `sequence` are settled, durably: segments with none else are removed.
  void settle(std::uint64_t sequence);

  /// The segment that should hold a record.
  struct Place {
    Segment segment;
    bool is_next_missing = false;  ///< numbers are missing between it and the next one
  };
  [[nodiscard]] std::optional<Place> find(std::uint64_t sequence) const;
  [[nodiscard]] bool has(std::uint64_t number) const;
  /// What may be read of a segment by now.
  [[nodiscard]] ScanBounds bounds(std::uint64_t number) const;
  /// The first record behind `sequence` that a segment says it begins with; the end of all where
  /// there is none.
  [[nodiscard]] std::uint64_t first_behind(std::uint64_t sequence) const;

  [[nodiscard]] Tail committed() const;
  [[nodiscard]] std::uint64_t settled() const;
  [[nodiscard]] Fill fill() const;

 private:
  bool remove_front();
  bool remove_doomed();
  void remove_back();
  [[nodiscard]] std::uint64_t end_of(std::size_t index) const;

  Storage& storage_;
  const std::uint64_t bytes_max_;
  mutable std::mutex mutex_;
  std::deque<Segment> segments_;  ///< oldest first
  /// Files of groups that failed and could not be removed. While one of them is there, a later
  /// segment must be, which tells that it does not count.
  std::set<std::string> doomed_;
  Tail committed_;
  std::uint64_t settled_ = 1;
  std::uint64_t bytes_ = 0;
};

}  // namespace copybridge::spool
