// The queue manager of the double: what the verbs do to its queues, one session at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/mq_double/journal.h"
#include "tests/support/mq_double/queue.h"

namespace copybridge::mq_double {

/// A put of an open unit of work.
struct UncommittedPut {
  std::shared_ptr<Queue> queue;
  Position position;
  Message message;
};

/// A get of an open unit of work.
struct UncommittedGet {
  std::shared_ptr<Queue> queue;
  TakenMessage message;
};

/// A connection, with its open objects and its unit of work.
struct Session {
  ConnectRequest client;
  bool is_connected = false;
  bool is_leaving = false;  ///< MQDISC was answered
  std::map<mqi::Hobj, Handle> handles{};
  mqi::Hobj last_hobj = 0;
  std::vector<UncommittedPut> puts{};
  std::vector<UncommittedGet> gets{};
  std::optional<GetRequest> waiting{};  ///< a get that waits for a message
  Clock::time_point deadline{};         ///< of the wait; the epoch: none
};

struct Reply {
  Outcome outcome;
  std::string bytes{};
};

class QueueManager {
 public:
  explicit QueueManager(const std::filesystem::path& folder);

  /// The answer to a request, or none where it waits for a message.
  std::optional<Reply> handle(Session& session, Verb verb, std::string_view request);

  /// A session that ended without MQDISC: its unit of work is backed out.
  void lose(Session& session);

  /// Answers of sessions whose wait has ended since the last call.
  std::vector<std::pair<Session*, Reply>> take_woken() { return std::exchange(woken_, {}); }

  /// Ends the waits whose time is up; the time until the next does, in milliseconds (-1: none).
  int expire_waits();

 private:
  Reply dispatch(Session& session, Verb verb, Received request);
  Reply connect(Session& session, const ConnectRequest& request);
  Reply open(Session& session, const OpenRequest& request);
  Reply close(Session& session, const CloseRequest& request);
  Reply put(Session& session, Received request);
  Reply put1(Session& session, Received request);
  std::optional<Reply> get(Session& session, const GetRequest& request);
  Reply inquire(Session& session, Received request) const;
  Reply set(Session& session, Received request);
  Reply commit(Session& session);
  Reply back_out(Session& session);

  std::shared_ptr<Queue> find_queue(const mqi::ObjectName& name) const;
  std::shared_ptr<Queue> make_temporary(const Queue& model, const mqi::ObjectName& wanted);
  Outcome open_handle(const OpenRequest& request, Handle& handle);
  Outcome check_put(const Session& session, const Handle& handle, const PutRequest& request,
                    std::size_t length) const;
  Outcome put_message(Session& session, Handle& handle, const PutRequest& request,
                      std::string_view body, PutReply& reply);
  void fill_in(const Handle& handle, Long options, mqi::MQMD& md);
  void store(Session& session, const std::shared_ptr<Queue>& queue, bool is_in_unit,
             Message message);
  std::optional<Reply> try_get(Session& session, Handle& handle, const GetRequest& request);
  Reply deliver(Session& session, Handle& handle, const GetRequest& request,
                Messages::iterator found);
  void remove(Session& session, const std::shared_ptr<Queue>& queue, bool is_in_unit,
              Messages::iterator message);
  void release(const Handle& handle);
  void leave(Session& session);
  void stop_waiting(Session& session);
  void wake(Queue& queue);
  [[nodiscard]] bool is_in_unit(Long options, Long syncpoint, Long no_syncpoint) const;
  [[nodiscard]] std::optional<Long> int_attribute(const Handle& handle, Long selector) const;
  [[nodiscard]] std::optional<std::string> char_attribute(const Handle& handle,
                                                          Long selector) const;
  mqi::Id new_id();

  QueueManagerDefinition definition_;
  std::map<std::string, std::shared_ptr<Queue>> queues_;
  std::uint64_t sequence_ = 0;
  std::vector<std::pair<Session*, Reply>> woken_;
  std::vector<Session*> waiting_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace copybridge::mq_double
