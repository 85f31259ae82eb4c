// Hostile STOMP streams: the first byte chooses version and the size of the pieces. Frames keep the
// limits, and are the same whatever the pieces are.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "bridge/stomp/frame.h"

namespace {

using namespace copybridge;
using namespace copybridge::stomp;

constexpr FrameLimits kLimits{.header_bytes_max = 4096, .body_bytes_max = 4096};

void require(bool condition) {
  if (!condition) std::abort();
}

struct Read {
  std::vector<Frame> frames;
  bool is_broken = false;
};

Read read(std::string_view bytes, std::size_t piece, Version version) {
  FrameParser parser(kLimits);
  parser.set_version(version);
  Read done;
  for (std::size_t at = 0; at < bytes.size() && !done.is_broken; at += piece) {
    parser.feed(bytes.substr(at, piece));
    for (;;) {
      Result<std::optional<Frame>> frame = parser.next();
      done.is_broken = !frame;
      if (!frame || !*frame) break;
      require((*frame)->body.size() <= kLimits.body_bytes_max);
      done.frames.push_back(std::move(**frame));
    }
  }
  return done;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto version = static_cast<Version>(data[0] % 3);
  const Read whole = read(bytes, bytes.size() + 1, version);
  const Read pieces = read(bytes, 1 + data[0] / 3, version);
  require(whole.frames.size() == pieces.frames.size());
  require(whole.is_broken == pieces.is_broken);
  for (std::size_t i = 0; i < whole.frames.size(); ++i) {
    require(whole.frames[i].headers == pieces.frames[i].headers);
    require(whole.frames[i].body == pieces.frames[i].body);
  }
  return 0;
}
