// Lines by memchr.
#include "tools/copybridge/line_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace copybridge::cli {

namespace {
constexpr std::size_t kBufferBytes = std::size_t{1} << 20U;
}

LineReader::LineReader(InputStream input) : input_(std::move(input)) {
  buffer_.reserve(kBufferBytes);
}

bool LineReader::is_drained() const {
  return buffer_.size() == searched_ ||
         std::memchr(buffer_.data() + searched_, '\n', buffer_.size() - searched_) == nullptr;
}

Result<std::optional<std::string_view>> LineReader::next() {
  while (true) {
    const auto* const text = reinterpret_cast<const char*>(buffer_.data());
    const std::size_t rest = buffer_.size() - searched_;
    const void* const found = rest == 0 ? nullptr : std::memchr(text + searched_, '\n', rest);
    const bool is_last = found == nullptr && is_end_;
    if (found != nullptr || (is_last && begin_ < buffer_.size())) {
      const std::size_t end =
          found == nullptr ? buffer_.size()
                           : static_cast<std::size_t>(static_cast<const char*>(found) - text);
      std::string_view line(text + begin_, end - begin_);
      begin_ = searched_ = std::min(end + 1, buffer_.size());
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      return std::optional<std::string_view>(line);
    }
    if (is_last) return std::optional<std::string_view>();
    searched_ = buffer_.size();
    const Result<void> filled = refill();
    if (!filled) return pass_on(filled);
  }
}

Result<void> LineReader::refill() {
  buffer_.consume(begin_);
  searched_ -= begin_;
  begin_ = 0;
  const std::size_t kept = buffer_.size();
  if (kept > kLineMax)
    return fail(ErrorKind::framing,
                "input: a line is longer than " + std::to_string(kLineMax >> 20U) + " MiB");
  if (kept == buffer_.capacity()) buffer_.reserve(2 * buffer_.capacity());
  buffer_.resize(buffer_.capacity());
  const Result<std::size_t> count = input_.read({buffer_.data() + kept, buffer_.size() - kept});
  buffer_.resize(kept + (count ? *count : 0));
  if (!count) return pass_on(count);
  is_end_ = *count == 0;
  return {};
}

}  // namespace copybridge::cli
