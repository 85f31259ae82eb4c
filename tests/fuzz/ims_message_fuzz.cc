// Hostile messages of IMS Connect: the first byte chooses the size of the pieces, the second how
// the client asks. Records keep the limit, and records and answers are the same whatever the pieces
// are.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "adapters/tcp/ims_conversation.h"

namespace {

using namespace copybridge;
using namespace copybridge::adapters::tcp;

constexpr std::uint32_t kMessageBytesMax = 4096;

void require(bool condition) {
  if (!condition) std::abort();
}

ImsSettings settings(std::uint8_t chosen) {
  ImsSettings ims;
  ims.code_page = "ISO-8859-1";
  ims.exit_id = "*SAMPL1*";
  ims.retrieval = (chosen & 1U) != 0 ? ImsRetrieval::automatic : ImsRetrieval::single_wait;
  ims.keeps_prefix = (chosen & 2U) != 0;
  ims.message_bytes_max = kMessageBytesMax;
  return ims;
}

struct Talk {
  std::vector<std::vector<std::uint8_t>> records;
  std::string said;
  bool is_broken = false;
};

Talk talk(ByteView bytes, std::size_t piece, const ImsSettings& ims) {
  auto made = make_ims_conversation(ims);
  require(made.has_value());
  Talk done;
  ByteBuffer input;
  for (std::size_t at = 0; at < bytes.size() && !done.is_broken; at += piece) {
    const ByteView next = bytes.subspan(at, std::min(piece, bytes.size() - at));
    input.append(next);
    Cut cut;
    done.is_broken = !(*made)->take(input, at + piece >= bytes.size(), cut, done.said);
    require(input.size() <= bytes.size());
    for (const framing::RecordSpan& span : cut.records) {
      require(span.size <= kMessageBytesMax);
      require(span.offset + span.size <= cut.bytes.size());
      const ByteView record = cut.bytes.view(span.offset, span.size);
      done.records.emplace_back(record.begin(), record.end());
    }
  }
  (*made)->acknowledge(done.records.size(), done.said);
  (*made)->refuse(done.said);
  return done;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView bytes(data + 2, size - 2);
  const ImsSettings ims = settings(data[1]);
  const Talk whole = talk(bytes, bytes.size() + 1, ims);
  const Talk pieces = talk(bytes, 1U + data[0], ims);
  require(whole.is_broken == pieces.is_broken);
  require(whole.records == pieces.records);
  require(whole.said == pieces.said);
  return 0;
}
