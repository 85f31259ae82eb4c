// The spool's store: a queue of records on disk. Appended, made durable in groups, read in order,
// removed when they are settled.
//
// Files: segments of frames (segment.h) and the cursor (cursor.h). A segment is removed as a whole
// when everything in it is settled. What cannot be read is put aside as `*.damaged`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/spool/appender.h"
#include "bridge/spool/cursor.h"
#include "bridge/spool/reader.h"
#include "bridge/spool/shelf.h"
#include "bridge/spool/storage.h"

namespace copybridge::spool {

struct StoreSettings {
  std::uint64_t bytes_max = 1ULL << 30U;  ///< of all segments together
  AppendSettings append;
  BatchBuilder::Limits batch;
  std::uint64_t new_epoch = 0;  ///< of a spool that is made new; 0: random
};

/// One thread appends, one reads.
class Store {
 public:
  /// Opens a spool or makes one. What an earlier process appended is there as far as it was
  /// committed, and perhaps further. `on_damage` is called here and by the reader.
  /// ErrorKind::storage.
  static Result<std::unique_ptr<Store>> open(std::unique_ptr<Storage> storage,
                                             const StoreSettings& settings, OnDamage on_damage);

  [[nodiscard]] Appender& appender() { return *appender_; }
  [[nodiscard]] Reader& reader() { return *reader_; }
  /// Any thread.
  [[nodiscard]] Fill fill() const { return shelf_.fill(); }

 private:
  Store(std::unique_ptr<Storage> storage, const StoreSettings& settings, OnDamage on_damage);

  Result<void> recover();
  Result<std::vector<Segment>> find_segments(const std::vector<std::string>& names);
  Result<std::optional<Segment>> identify(const std::string& name);
  Result<void> open_cursor(const std::vector<Segment>& segments);
  Result<void> drop_strangers(std::vector<Segment>& segments);
  void report_headers(const std::vector<Segment>& segments, std::uint64_t settled,
                      std::uint64_t end);
  Result<void> put_aside(const std::string& name, const std::string& reason);
  Result<Tail> find_tail(Segment& newest);

  const StoreSettings settings_;
  const OnDamage on_damage_;
  const std::unique_ptr<Storage> storage_;
  Shelf shelf_;
  std::unique_ptr<Cursor> cursor_;
  std::uint64_t last_segment_ = 0;  ///< the highest number that a name says
  std::vector<Damage> damages_;     ///< found while opening
  std::unique_ptr<Appender> appender_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace copybridge::spool
