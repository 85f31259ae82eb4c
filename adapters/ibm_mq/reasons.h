// What a reason code of the queue manager means to the bridge and to its operator.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/ibm_mq/mqi_types.h"
#include "bridge/core/error.h"

namespace copybridge::adapters::ibm_mq {

/// What has to happen next.
enum class Reaction : std::uint8_t {
  none,       ///< no message: not an error
  reconnect,  ///< the connection is gone, with its unit of work
  retry,      ///< the connection is well; the call is tried again after a back-off
  grow,       ///< the buffer is too small; the message is still there
  end_batch,  ///< the unit of work can take no more messages
  configure,  ///< somebody has to correct names, rights or options
  refuse_one  ///< of a put: this message's own fault (size)
};

struct Reason {
  mqi::Long code = 0;
  std::string_view name;  ///< without MQRC_
  Reaction reaction = Reaction::retry;
  std::string_view hint;  ///< what the operator does
};

/// Codes that are not in the table are retried.
[[nodiscard]] const Reason& reason_of(mqi::Long code);

/// Where a call was made: for the one line that says everything.
struct CallPlace {
  std::string_view verb;
  std::string_view queue_manager;
  std::string_view queue;
};
/// `ibm-mq: MQGET on queue Q of queue manager QM: 2016 MQRC_GET_INHIBITED; what to do`.
[[nodiscard]] std::string describe(const CallPlace& place, mqi::Long code);

}  // namespace copybridge::adapters::ibm_mq
