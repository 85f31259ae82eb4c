// Frames of STOMP 1.0, 1.1 and 1.2 from bytes and to bytes. Pure; peers are hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/error.h"

namespace copybridge::stomp {

enum class Version : std::uint8_t { v1_0, v1_1, v1_2 };

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Frame {
  std::string command;
  Headers headers;
  std::string body;

  /// The first header of that name, which is the one that counts; empty: there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct FrameLimits {
  std::size_t header_bytes_max = 65'536;  ///< command and headers together
  std::size_t body_bytes_max = 0;
};

/// Cuts a stream into frames.
class FrameParser {
 public:
  explicit FrameParser(FrameLimits limits) : limits_(limits) {}

  /// Escapes are those of this version from the next frame on.
  void set_version(Version version) { version_ = version; }
  void feed(std::string_view bytes);
  /// The next whole frame; nothing where more bytes are needed. ErrorKind::peer_away where the
  /// stream is broken, or a frame larger than the limits (ErrorKind::peer_refused): it cannot be
  /// read on.
  Result<std::optional<Frame>> next();

 private:
  /// Where the headers end, behind their empty line; 0: not there yet.
  [[nodiscard]] std::size_t end_of_head() const;
  Result<Frame> read_head(std::string_view head) const;

  const FrameLimits limits_;
  Version version_ = Version::v1_2;
  std::string buffer_;
  std::size_t at_ = 0;        ///< what is before is done with
  std::size_t searched_ = 0;  ///< no NUL is before it, of a body without content-length
};

/// Appends a frame; a body gets its content-length. Headers are escaped as the version has it,
/// those of CONNECT not at all. What cannot be written (a line end where there is no escape) is
/// left out.
void append_frame(std::string& out, std::string_view command,
                  std::span<const std::pair<std::string_view, std::string_view>> headers,
                  std::optional<std::string_view> body, Version version);

}  // namespace copybridge::stomp
