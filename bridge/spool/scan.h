// The records of one segment in their order, and what is missing among them.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include "bridge/spool/segment.h"

namespace copybridge::spool {

/// What comes next in a segment: a record, or a place where something is wrong.
struct ScanItem {
  enum class Kind : std::uint8_t { record, damage, end };
  Kind kind = Kind::end;
  std::uint64_t sequence = 0;  ///< of the record; damage: of the first record that is lost
  std::uint64_t lost = 0;      ///< damage: how many records
  std::uint64_t offset = 0;    ///< where it is in the file
  std::uint64_t size = 0;      ///< damage: bytes that are no records in their place; may be 0
  std::string_view reason = {};
  ByteView payload = {};  ///< of a record, until the next call of next()
};

/// Which part of a segment is read, and what must be there.
struct ScanBounds {
  std::uint64_t limit = 0;         ///< bytes from here on are not looked at
  std::uint64_t synced = 0;        ///< see SegmentReader::next
  std::uint64_t end_sequence = 0;  ///< records before it must be there; 0: not known
  bool is_open_ended = false;      ///< records from end_sequence on may be there
};

/// Not thread-safe.
class SegmentScan {
 public:
  SegmentScan(std::unique_ptr<StoredFile> file, const SegmentIdentity& identity)
      : reader_(std::move(file), identity.home), expected_(identity.first_sequence) {}

  /// Sequence numbers rise by one from record to record; every lost one is in a damage.
  [[nodiscard]] Result<ScanItem> next(const ScanBounds& bounds);
  /// The sequence number that comes next.
  [[nodiscard]] std::uint64_t expected() const { return expected_; }
  /// Where the last record that next() returned ends.
  [[nodiscard]] std::uint64_t offset() const { return end_; }
  [[nodiscard]] StoredFile& file() { return reader_.file(); }

 private:
  void add_damage(const Piece& piece, std::string_view reason);
  ScanItem take_damage(std::uint64_t next_sequence, std::uint64_t at);
  ScanItem finish(const ScanBounds& bounds, std::uint64_t at);

  SegmentReader reader_;
  std::uint64_t expected_;
  std::uint64_t end_ = kSegmentHeaderSize;
  std::optional<ScanItem> damage_;  ///< until it is known how many records it cost
  std::optional<Piece> held_;       ///< the record behind a damage
};

}  // namespace copybridge::spool
