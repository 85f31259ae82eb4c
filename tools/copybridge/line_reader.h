// From an input to its lines, a buffer full of them at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"
#include "bridge/core/input_stream.h"

namespace copybridge::cli {

/// Reads one input. Memory is one buffer of 256 KiB that grows only for lines that do not fit.
class LineReader {
 public:
  /// Bytes of a line at most.
  static constexpr std::size_t kLineMax = std::size_t{256} << 20U;

  explicit LineReader(InputStream input);

  /// The next lines, as many as there are: whole ones with their ends, but for an input's last line
  /// that has none. Nothing at the end of the input. They stay valid, with kReadableTail bytes
  /// behind them, until the next call. ErrorKind::framing where a line is longer than kLineMax.
  Result<std::optional<std::string_view>> next();
  [[nodiscard]] const InputStream& input() const { return input_; }

 private:
  Result<void> refill();

  InputStream input_;
  ByteBuffer buffer_;
  std::size_t begin_ = 0;  ///< first byte that has not been handed out
  bool is_end_ = false;
};

}  // namespace copybridge::cli
