// The inside of the double's client library: connections by handle, one call at a time on each.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/mq_double/faults.h"
#include "tests/support/mq_double/rfh2.h"
#include "tests/support/mq_double/wire.h"

#define COPYBRIDGE_MQ_EXPORT extern "C" __attribute__((visibility("default")))

namespace copybridge::mq_double {

/// A callback that MQCB has registered.
struct Consumer {
  mqi::MQCBD descriptor;
  mqi::MQMD md;
  mqi::MQGMO options;
  bool is_suspended = false;
  std::chrono::steady_clock::time_point last_call{};
};

enum class AsyncState : std::uint8_t { stopped, started, suspended };

class Connection {
 public:
  ~Connection();

  /// Asks the queue manager: a head, a structure and the bytes behind it. What it answers is in
  /// `reply` until the next call. A queue manager that is gone answers 2009, now and later.
  Outcome ask(Verb verb, std::string_view structure, std::string_view bytes = {});
  template <class Structure>
  Outcome ask(Verb verb, const Structure& structure, std::string_view bytes = {}) {
    return ask(verb, std::string_view(reinterpret_cast<const char*>(&structure), sizeof structure),
               bytes);
  }
  [[nodiscard]] Received reply() const {
    return Received(std::string_view(buffer_).substr(sizeof(ReplyHead), reply_length()));
  }
  [[nodiscard]] std::size_t reply_length() const {
    return Received(buffer_).take<ReplyHead>().length;
  }
  /// Connects to the queue manager of a folder.
  bool reach(const std::string& folder);
  void break_off();

  mqi::Hconn hconn = mqi::kUnusableHconn;
  Long share = mqi::cno::kHandleShareNone;
  std::thread::id owner;
  std::string q_mgr;
  Long ccsid = 0;
  std::mutex call;

  // Of asynchronous consumption, under `async`.
  std::mutex async;
  std::condition_variable changed;
  AsyncState state = AsyncState::stopped;
  bool is_delivering = false;
  std::map<mqi::Hobj, Consumer> consumers;
  std::thread deliverer;
  std::atomic<std::thread::id> deliverer_id{};

 private:
  int socket_ = -1;
  bool is_broken_ = false;
  std::string buffer_;
};

std::shared_ptr<Connection> find_connection(mqi::Hconn hconn);

using VerbBody = std::function<Outcome(Connection&)>;

/// One verb on a connection: the handle and the thread are checked, faults happen, `body` is done.
void run_verb(std::string_view name, mqi::Hconn hconn, Long* comp_code, Long* reason,
              const VerbBody& body);

/// Ends the delivery to callbacks; returns when none runs.
void stop_delivery(Connection& connection);

/// The properties behind a message handle, or none where there is no such handle.
std::vector<Property>* find_properties(mqi::Hmsg hmsg);

/// Whether a structure begins as it should.
template <class Structure>
bool is_sound(const Structure* structure, Long version_max) {
  return structure != nullptr && structure->struc_id == Structure().struc_id &&
         structure->version >= 1 && structure->version <= version_max;
}

inline void answer(const Outcome& outcome, Long* comp_code, Long* reason) {
  *comp_code = outcome.comp_code;
  *reason = outcome.reason;
}

/// MQGET without the faults, the checks of the handle and the lock: for callbacks too.
Outcome get_message(Connection& connection, mqi::Hobj hobj, mqi::MQMD* md, mqi::MQGMO* gmo,
                    Long buffer_length, void* buffer, Long* data_length);

}  // namespace copybridge::mq_double
