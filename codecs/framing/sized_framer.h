// Framers of records whose size is known before their data: F, lengths in front of records, and
// records that say themselves how long they are.
#pragma once

#include <optional>

#include "codecs/framing/prefix.h"
#include "codecs/framing/stream_framer.h"

namespace copybridge::framing {

/// F and FB as transferred: records of LRECL bytes back to back.
class FixedFramer final : public StreamFramer {
 public:
  explicit FixedFramer(const FramingOptions& options)
      : StreamFramer(options),
        lrecl_(options.lrecl),
        accepts_short_last_(options.accepts_short_last) {}

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  [[nodiscard]] Error ended_early(std::uint64_t position, std::size_t found) const;

  std::size_t lrecl_;
  bool accepts_short_last_;
};

/// A length in front of each record. A record may be empty.
class PrefixedFramer final : public StreamFramer {
 public:
  explicit PrefixedFramer(const FramingOptions& options);

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  PrefixRule rule_;
  bool keeps_prefix_;
};

/// Records whose own contents say how long they are.
class MeasuredFramer final : public StreamFramer {
 public:
  explicit MeasuredFramer(const FramingOptions& options);

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  /// The size of the record that `rest` begins with, what is cut off it counted; 0: it is not to be
  /// said yet.
  [[nodiscard]] Result<std::uint64_t> size_of(ByteView rest, std::uint64_t position,
                                              RecordPlace place) const;

  std::shared_ptr<const RecordMeasure> measure_;
  std::int32_t adjust_;
  std::size_t prefix_;
  std::size_t suffix_;
  std::uint64_t record_bytes_max_;
};

/// A measured size with FramingOptions::rdw_adjust; nothing where nothing is left of it.
[[nodiscard]] std::optional<std::uint64_t> adjusted(std::uint64_t size, std::int32_t adjust);

}  // namespace copybridge::framing
