// STOMP 1.2, sections "Augmented BNF" and "Value Encoding".
#include "bridge/stomp/frame.h"

#include <algorithm>
#include <charconv>

namespace copybridge::stomp {
namespace {

/// Frames that are never escaped, so that older peers understand them.
bool is_of_login(std::string_view command) {
  return command == "CONNECT" || command == "CONNECTED";
}

void append_escaped(std::string& out, std::string_view text, Version version, bool is_plain) {
  for (const char letter : text) {
    const bool is_break = letter == '\n' || letter == '\r' || letter == '\0';
    if (is_plain || version == Version::v1_0) {
      if (!is_break) out += letter;
    } else if (letter == '\\') {
      out += "\\\\";
    } else if (letter == '\n') {
      out += "\\n";
    } else if (letter == ':') {
      out += "\\c";
    } else if (letter == '\r') {
      if (version == Version::v1_2) out += "\\r";
    } else if (!is_break) {
      out += letter;
    }
  }
}

/// Nothing where there is an escape that the version does not know.
std::optional<std::string> unescaped(std::string_view text, Version version) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain += text[i];
      continue;
    }
    const char letter = ++i < text.size() ? text[i] : '\0';
    if (letter == 'n') {
      plain += '\n';
    } else if (letter == 'c') {
      plain += ':';
    } else if (letter == '\\') {
      plain += '\\';
    } else if (letter == 'r' && version == Version::v1_2) {
      plain += '\r';
    } else {
      return std::nullopt;
    }
  }
  return plain;
}

/// The next line without its end, taken off `rest`.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

tl::unexpected<Error> broken(const std::string& why) {
  return fail(ErrorKind::peer_away, "stomp: the peer's frames cannot be read: " + why);
}

}  // namespace

std::string_view Frame::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& pair) { return pair.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

void FrameParser::feed(std::string_view bytes) {
  if (at_ == buffer_.size()) {
    buffer_.clear();
    at_ = 0;
  } else if (at_ > buffer_.size() / 2) {
    buffer_.erase(0, at_);
    at_ = searched_ = 0;
  }
  buffer_ += bytes;
}

std::size_t FrameParser::end_of_head() const {
  std::size_t line = at_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', line);
    if (end == std::string::npos) return 0;
    const bool is_empty = end == line || (end == line + 1 && buffer_[line] == '\r');
    if (is_empty) return end + 1;
    line = end + 1;
  }
}

Result<std::optional<Frame>> FrameParser::next() {
  // Line ends between frames are heart-beats.
  while (at_ < buffer_.size() && (buffer_[at_] == '\n' || buffer_[at_] == '\r')) ++at_;
  const std::size_t body = end_of_head();
  const std::size_t head_size = (body == 0 ? buffer_.size() : body) - at_;
  if (head_size > limits_.header_bytes_max) return broken("headers without end");
  if (body == 0) return std::optional<Frame>();
  Result<Frame> frame = read_head(std::string_view(buffer_).substr(at_, head_size));
  if (!frame) return pass_on(frame);
  std::size_t size = 0;
  const std::string_view length = frame->header("content-length");
  if (!length.empty()) {
    const char* const last = length.data() + length.size();
    const auto [end, error] = std::from_chars(length.data(), last, size);
    if (error != std::errc() || end != last) return broken("content-length is no number");
  } else {
    const std::size_t end = buffer_.find('\0', std::max(body, searched_));
    size = (end == std::string::npos ? buffer_.size() : end) - body;
    searched_ = body + size;
  }
  if (size > limits_.body_bytes_max) {
    return fail(ErrorKind::peer_refused, "stomp: a message is larger than " +
                                             std::to_string(limits_.body_bytes_max) +
                                             " bytes; raise message_bytes_max");
  }
  if (buffer_.size() - body <= size) return std::optional<Frame>();
  if (buffer_[body + size] != '\0') return broken("content-length does not end at a NUL");
  frame->body = buffer_.substr(body, size);
  at_ = body + size + 1;
  searched_ = 0;
  return std::optional<Frame>(std::move(*frame));
}

Result<Frame> FrameParser::read_head(std::string_view head) const {
  Frame frame;
  frame.command = take_line(head);
  const bool is_escaped = version_ != Version::v1_0 && !is_of_login(frame.command);
  while (!head.empty()) {
    const std::string_view line = take_line(head);
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return broken("a header without a colon");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 1);
    if (!is_escaped) {
      frame.headers.emplace_back(name, value);
      continue;
    }
    std::optional<std::string> plain_name = unescaped(name, version_);
    std::optional<std::string> plain_value = unescaped(value, version_);
    if (!plain_name || !plain_value) return broken("a header has an escape that is not defined");
    frame.headers.emplace_back(std::move(*plain_name), std::move(*plain_value));
  }
  return frame;
}

void append_frame(std::string& out, std::string_view command,
                  std::span<const std::pair<std::string_view, std::string_view>> headers,
                  std::optional<std::string_view> body, Version version) {
  const bool is_plain = is_of_login(command);
  (out += command) += '\n';
  for (const auto& [name, value] : headers) {
    append_escaped(out, name, version, is_plain);
    out += ':';
    append_escaped(out, value, version, is_plain);
    out += '\n';
  }
  if (body) (out += "content-length:") += std::to_string(body->size()) += '\n';
  out += '\n';
  if (body) out += *body;
  out += '\0';
}

}  // namespace copybridge::stomp
