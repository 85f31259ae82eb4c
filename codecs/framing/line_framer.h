// Framer of lines: EBCDIC with NEL or LF, ASCII with LF or CR LF.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/framing/stream_framer.h"

namespace copybridge::framing {

inline constexpr std::size_t kLineEndsMax = 4;

/// A line is a record, an empty one too; the last one needs no line end. Wrapped, a line that is
/// longer than a record is as many as it fills.
class LineFramer final : public StreamFramer {
 public:
  explicit LineFramer(const FramingOptions& options);
  void restore(const State& state) override;

 protected:
  Result<void> cut(const Piece& piece, Cuts& cuts) override;

 private:
  /// One of the line ends, and where it comes next. Kept between calls: a line that comes in many
  /// pieces is searched once, and a line end that never occurs too.
  struct Search {
    std::uint8_t byte = 0;
    std::uint64_t searched = 0;  ///< stream position up to which all is known
    std::uint64_t found = 0;     ///< where it stands; `searched` where it was not found

    [[nodiscard]] bool is_found() const { return found != searched; }
    void advance(const Piece& piece, std::uint64_t from);
  };

  [[nodiscard]] std::uint64_t find_end(const Piece& piece, std::uint64_t from);

  std::array<Search, kLineEndsMax> searches_{};
  std::size_t search_count_ = 0;
  std::size_t record_bytes_max_;
  bool drops_carriage_return_;
  bool wraps_;
};

}  // namespace copybridge::framing
