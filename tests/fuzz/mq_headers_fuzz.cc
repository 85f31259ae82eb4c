// Hostile header chains: the first 16 bytes are the descriptor's format, encoding and CCSID, the
// rest is the message. The payload must lie inside it, and attributes must be few.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/ibm_mq/headers.h"
#include "adapters/ibm_mq/rfh2_folders.h"

namespace {

using copybridge::ByteView;
using namespace copybridge::adapters::ibm_mq;

constexpr std::size_t kHead = 16;

void require(bool condition) {
  if (!condition) std::abort();
}

std::int32_t integer_at(const std::uint8_t* bytes) {
  return static_cast<std::int32_t>(bytes[0] << 8U | bytes[1]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHead) return 0;
  static CodePages pages;
  Description described;
  described.format = std::string(trimmed({reinterpret_cast<const char*>(data), 8}));
  described.encoding = integer_at(data + 8);
  // Code pages are loaded once each: a few are enough.
  described.ccsid = (data[10] & 1U) != 0 ? 37 : 1208;
  const ByteView message(data + kHead, size - kHead);
  const HeaderChain chain = parse_headers(message, described, pages);
  require(chain.payload_offset <= message.size());
  require(chain.attributes.size() <= kPropertiesMax + 16 * 32);
  require(chain.payload.format.size() <= 32);
  for (const auto& [name, value] : chain.attributes) require(name.starts_with("mq-"));
  return 0;
}
