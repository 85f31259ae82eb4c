// How the two ends of a connection talk: where records end, what is answered. No I/O.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"
#include "codecs/framing/framing.h"

namespace copybridge::adapters::tcp {

/// Records as they were cut off a stream.
struct Cut {
  ByteBuffer bytes;
  std::vector<framing::RecordSpan> records;
};

/// Of one connection, from its start.
class Conversation {
 public:
  virtual ~Conversation() = default;
  /// What the bridge says first.
  [[nodiscard]] virtual std::string greeting() { return {}; }
  /// Moves whole records off the front of `input` to `cut`, and appends what is answered to the
  /// rest at once; `is_end`: nothing follows. After a failure `cut` has the records before it, and
  /// the rest is worth nothing. ErrorKind::framing: what came is not framed as it should be;
  /// source: the other end says that it cannot go on.
  virtual Result<void> take(ByteBuffer& input, bool is_end, Cut& cut, std::string& out) = 0;
  /// Appends what is answered once so many further records are safe.
  virtual void acknowledge(std::size_t records, std::string& out) = 0;
  /// Appends what is said of records that the bridge does not keep. The connection ends.
  virtual void refuse(std::string& /*out*/) {}
};

/// Records one after the other as `framing` says, each answered with the same bytes or none.
[[nodiscard]] Result<std::unique_ptr<Conversation>> make_framed_conversation(
    const framing::FramingOptions& framing, std::string acknowledgement);

}  // namespace copybridge::adapters::tcp
