// From an input to its lines, a buffer full at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"
#include "bridge/core/input_stream.h"

namespace copybridge::cli {

/// Reads one input. Memory is one buffer of 1 MiB that grows only for lines that do not fit.
class LineReader {
 public:
  /// Bytes of a line at most.
  static constexpr std::size_t kLineMax = std::size_t{256} << 20U;

  explicit LineReader(InputStream input);

  /// The next line without its end (LF or CR LF), none at the end of the input. It stays valid,
  /// with kReadableTail bytes behind it, until the next call. ErrorKind::framing where a line is
  /// longer than kLineMax.
  Result<std::optional<std::string_view>> next();
  /// Whether next() has to read before it returns a line.
  [[nodiscard]] bool is_drained() const;
  [[nodiscard]] const InputStream& input() const { return input_; }

 private:
  Result<void> refill();

  InputStream input_;
  ByteBuffer buffer_;
  std::size_t begin_ = 0;     ///< first byte that is not done with
  std::size_t searched_ = 0;  ///< bytes before it hold no line end
  bool is_end_ = false;
};

}  // namespace copybridge::cli
