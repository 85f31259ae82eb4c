// Framers of records whose size is known before their data: F, length-prefixed, and those
// with a length field.
#pragma once

#include "codecs/framing/stream_framer.h"

namespace copybridge::framing {

/// F and FB as transferred: records of LRECL bytes back to back.
class FixedFramer final : public StreamFramer {
 public:
  explicit FixedFramer(const FramingOptions& options)
      : StreamFramer(options), lrecl_(options.lrecl) {}

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  std::size_t lrecl_;
};

/// A big-endian length of 1, 2 or 4 bytes before each record, not counting itself (z/OSMF record
/// mode, MQ-like exports). A record may be empty.
class LengthPrefixedFramer final : public StreamFramer {
 public:
  explicit LengthPrefixedFramer(const FramingOptions& options);

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  std::size_t length_bytes_;
  std::size_t record_bytes_max_;
};

/// Records that hold their own length in a field.
class LengthFieldFramer final : public StreamFramer {
 public:
  explicit LengthFieldFramer(const FramingOptions& options);

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  LengthField field_;
  std::int64_t adjust_;
  std::int64_t record_bytes_max_;
};

}  // namespace copybridge::framing
