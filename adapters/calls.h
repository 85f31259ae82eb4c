// The contract of sources whose records are calls: each waits for the answer of a program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "adapters/adapter.h"

namespace copybridge::adapters {

/// How a call ended.
enum class CallResult : std::uint8_t {
  answered,    ///< the program's answer
  failed,      ///< the program's error, or an answer that cannot be read
  invalid,     ///< no request can be made of the call; nothing was sent
  expired,     ///< no answer in time; the program may have done its work
  unavailable  ///< nothing was sent: the caller may try again
};

struct CallAnswer {
  CallResult result = CallResult::answered;
  std::string body;  ///< one JSON value
};

struct Call {
  std::string id;  ///< where the caller names it, the same when it calls again; never empty
  std::string body;
  Attributes attributes;
  std::int64_t time_ms = 0;
  /// Any thread, once.
  std::function<void(CallAnswer answer)> answer;
};

class CallHandler {
 public:
  virtual ~CallHandler() = default;
  /// Any thread of the source; must not wait for a program.
  virtual void take(Call call) = 0;
};

/// One place where calls come in. All methods are called by one thread.
class CallSource {
 public:
  virtual ~CallSource() = default;
  /// As Adapter::open().
  virtual Result<void> open(CallHandler& handler) = 0;
  /// New calls are told that they may try again elsewhere; those under way are answered.
  virtual void refuse_new() = 0;
  /// Lets answers leave, within the limit, and ends. Twice it does nothing.
  virtual void close(Milliseconds limit) = 0;
};

}  // namespace copybridge::adapters
