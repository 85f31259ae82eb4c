// Results on their way to standard output, written in large pieces.
#pragma once

#include <string_view>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"

namespace copybridge::cli {

/// Collects text and writes it when there is enough of it. Ignores SIGPIPE for the process.
class TextOutput {
 public:
  explicit TextOutput(int descriptor);

  /// What is collected; append to it, then call settle().
  [[nodiscard]] TextBuffer& text() { return text_; }
  /// Writes where more than 1 MiB has been collected.
  Result<void> settle() { return text_.size() < kFlushBytes ? Result<void>() : flush(); }
  /// Writes all that is collected. ErrorKind::storage where it cannot be written.
  Result<void> flush();
  /// Writes a text at once, behind which nothing is collected.
  Result<void> write(std::string_view rest);
  /// Whether the reader of a pipe has gone; what is written after that is dropped.
  [[nodiscard]] bool is_closed() const { return is_closed_; }

 private:
  static constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

  int descriptor_;
  bool is_closed_ = false;
  TextBuffer text_;
};

}  // namespace copybridge::cli
