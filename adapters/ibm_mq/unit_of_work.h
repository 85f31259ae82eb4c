// The messages of one unit of work: what was got and is neither committed nor backed out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/ibm_mq/mqi.h"
#include "bridge/core/bytes.h"

namespace copybridge::adapters::ibm_mq {

/// A message as it was got, headers included, so that it can be moved as it is.
struct UnitMessage {
  mqi::MQMD descriptor;
  std::size_t offset = 0;  ///< in UnitOfWork::bytes
  std::size_t size = 0;
  std::string id;
  std::size_t records = 0;  ///< 0: it was delivered before, and is only to be committed
};

struct UnitOfWork {
  ByteBuffer bytes;
  std::vector<UnitMessage> messages;
  std::uint64_t token = 0;  ///< of the batch made of it; 0: none is out
  /// It is not known to be committed, and the queue manager has taken it back, or will.
  bool is_lost = false;

  void clear() {
    bytes.clear();
    messages.clear();
    token = 0;
    is_lost = false;
  }
};

}  // namespace copybridge::adapters::ibm_mq
