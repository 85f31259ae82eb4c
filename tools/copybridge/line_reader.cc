// Lines up to the last line end that has been read.
#include "tools/copybridge/line_reader.h"

#include <utility>

namespace copybridge::cli {

namespace {
/// What is read at a time stays in a core's own cache together with its records.
constexpr std::size_t kBufferBytes = std::size_t{256} << 10U;
}  // namespace

LineReader::LineReader(InputStream input) : input_(std::move(input)) {
  buffer_.reserve(kBufferBytes);
}

Result<std::optional<std::string_view>> LineReader::next() {
  std::size_t searched = 0;  // bytes behind begin_ that hold no line end
  while (true) {
    const auto* const text = reinterpret_cast<const char*>(buffer_.data()) + begin_;
    const std::string_view rest(text, buffer_.size() - begin_);
    const std::size_t line_end = rest.substr(searched).rfind('\n');
    if (line_end != std::string_view::npos || (is_end_ && !rest.empty())) {
      const std::size_t size = is_end_ ? rest.size() : searched + line_end + 1;
      begin_ += size;
      return std::optional<std::string_view>(rest.substr(0, size));
    }
    if (is_end_) return std::optional<std::string_view>();
    searched = rest.size();
    const Result<void> filled = refill();
    if (!filled) return pass_on(filled);
  }
}

Result<void> LineReader::refill() {
  buffer_.consume(begin_);
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
