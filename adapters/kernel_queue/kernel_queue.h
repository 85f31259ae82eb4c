// One message queue of the kernel, seen from its reader.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bridge/core/bytes.h"
#include "bridge/core/clock.h"
#include "bridge/core/error.h"

namespace copybridge::adapters::kernel_queue {

/// A receive takes a message off the queue for good: there are no units of work.
class Queue {
 public:
  virtual ~Queue() = default;

  /// ErrorKind::source: it is not there, or may not be read.
  virtual Result<void> open() = 0;
  virtual void close() = 0;
  /// Appends the next message to `bytes` and says what the queue says of it (POSIX: priority,
  /// System V: type). False: none came within the wait, or interrupt() was called.
  virtual Result<bool> receive(ByteBuffer& bytes, std::int64_t& mark, Milliseconds wait) = 0;
  /// Puts a message back, behind those that are there. False: it does not take it now (full).
  virtual bool send_back(ByteView bytes, std::int64_t mark) = 0;
  /// Any thread.
  virtual void interrupt() = 0;
  /// Messages that are waiting; -1: unknown.
  [[nodiscard]] virtual std::int64_t depth() const = 0;
};

/// `name` as mq_overview(7) has it: a slash and up to 254 characters without one.
[[nodiscard]] std::unique_ptr<Queue> make_posix_queue(std::string name);

/// What tells a System V queue (ftok(3)), or its key itself.
struct SysvName {
  std::string path;  ///< empty: the key counts
  int project = 0;   ///< with the path
  std::int64_t key = 0;
  std::int64_t type = 0;  ///< as msgrcv's msgtyp: 0 any, below 0 the lowest up to its size
};
[[nodiscard]] std::unique_ptr<Queue> make_sysv_queue(SysvName name);

}  // namespace copybridge::adapters::kernel_queue
