// The ledger of the publisher ibm-mq: a queue whose messages are put and removed in the units of
// work that put the events.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/ibm_mq/connection.h"
#include "bridge/publishers/ledger.h"

namespace copybridge::publishers {

/// Used by the thread that owns the connection. The queue is open for this connection alone: while
/// a predecessor's unit of work is not ended nothing is read, and nobody writes beside this one.
class MqLedger {
 public:
  MqLedger(adapters::ibm_mq::Connection& connection, std::string queue, const std::string& owner)
      : connection_(connection), queue_name_(std::move(queue)), ledger_(owner), owner_(owner) {}

  /// Takes the queue and reads what has been committed. ErrorKind::source while another holds it;
  /// config where the queue holds messages of others.
  Result<void> open();
  /// After the connection is gone.
  void close() { queue_ = {}; }

  [[nodiscard]] bool knows(std::string_view id) const { return ledger_.knows(id); }
  void forget(const std::vector<std::string>& ids) { ledger_.forget(ids); }

  /// Makes an entry of these events part of the unit of work, and removes what is obsolete. Empty
  /// `verb`: done.
  struct Failed {
    std::string_view verb;
    mqi::Long reason = mqi::rc::kNone;
  };
  [[nodiscard]] Failed put(const std::vector<const Event*>& events);
  /// The unit of work of the last put() is committed.
  void note_committed();

  [[nodiscard]] const std::string& queue() const { return queue_name_; }

 private:
  Result<void> read();
  [[nodiscard]] Failed remove(std::uint64_t sequence);

  adapters::ibm_mq::Connection& connection_;
  const std::string queue_name_;
  adapters::ibm_mq::OpenQueue queue_;
  IdLedger ledger_;
  const std::string owner_;
  IdLedger::Entry entry_;    ///< of the unit of work under way
  std::size_t removed_ = 0;  ///< likewise
};

}  // namespace copybridge::publishers
