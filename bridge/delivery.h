// Delivery to one destination: forms requests within the publisher's limits, keeps the order per
// key, finds out what a doubtful answer means, and says of each event when its fate is known.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "bridge/breaker.h"
#include "bridge/concurrency.h"
#include "bridge/kept_body.h"
#include "bridge/passage.h"
#include "bridge/publishers/publisher.h"
#include "bridge/settled_ids.h"

namespace copybridge::bridge {

class Delivery;

/// An event whose fate at one destination is final, or a position that is stored there.
struct Delivered {
  static constexpr std::uint32_t kPosition = std::numeric_limits<std::uint32_t>::max();

  const Delivery* destination = nullptr;
  Passage* passage = nullptr;
  std::uint32_t event = 0;     ///< or kPosition
  bool is_accepted = false;    ///< false: refused for itself, a dead letter
  bool is_taken_back = false;  ///< by the source: neither
  bool is_letter = false;      ///< a dead letter of an earlier run
  std::string reason = {};     ///< of a refusal
};

/// How a source whose positions are stored with its events is asked for them.
struct Positions {
  /// Any thread; see Adapter::position_after().
  std::function<std::optional<std::string>(std::uint64_t token, std::size_t records)> after;
  std::function<void()> take_back;
};

/// One destination of a pipeline. Used by the pipeline's thread alone.
class Delivery {
 public:
  Delivery(std::string name, std::unique_ptr<publishers::Publisher> publisher,
           const RetryPolicy& policy, const Clock& clock, Log& log);

  Result<void> open(publishers::CompletionPort port) { return publisher_->open(port); }

  /// What an earlier run found out: whether the endpoint has taken events. `store` keeps what this
  /// run finds out; where it fails it is called again later.
  void remember(bool is_proven, std::function<Result<void>(bool)> store);

  /// From now on later events of a key wait where one became a dead letter.
  void block_keys() { blocks_keys_ = true; }
  [[nodiscard]] bool blocks_keys() const { return blocks_keys_; }
  /// A dead letter that an earlier run stored: events of its key wait for it.
  void block(std::string_view key, std::string_view letter);
  /// Lets the keys go on whose dead letters are not among these, by key and id.
  void release_all_but(const std::set<std::pair<std::string, std::string>>& letters);
  [[nodiscard]] bool has_blocked_keys() const { return !blocked_.empty(); }
  /// Whether nothing is left to do until a dead letter is gone.
  [[nodiscard]] bool is_only_blocked() const {
    return in_flight_.empty() && queue_.empty() && doubted_.empty();
  }

  /// The body of an event that is larger than the endpoint takes goes to a publisher that keeps
  /// bodies, first; then the endpoint gets an event that names it. `store` is another destination
  /// of the same pipeline, and gets nothing else.
  void keep_bodies_in(Delivery& store);
  /// Whether it keeps bodies for another one.
  [[nodiscard]] bool is_store() const { return is_store_; }
  /// Takes what became of a body of this destination; false where it is none.
  bool note_kept(const Delivered& kept);

  /// The source gives positions, which are stored here: batches go out whole, each with the
  /// position behind it, when nothing else of it is owed.
  void carry_positions(Positions positions) { positions_ = std::move(positions); }
  [[nodiscard]] bool carries_positions() const { return positions_.after != nullptr; }
  /// Takes the position behind a passage, after its events. Like an event it has a Delivered.
  void enqueue_position(Passage& passage) { enqueue(passage, Delivered::kPosition); }

  /// Takes an event to be delivered. The passage stays until the event's Delivered, or until
  /// abandon().
  void enqueue(Passage& passage, std::uint32_t event);
  /// Hands requests to the publisher as far as limits, order and back-off allow. Events that can
  /// never be sent (larger than the endpoint takes) go to `done`.
  void pump(std::vector<Delivered>& done);
  /// Takes the publisher's answer to one request.
  void apply(const publishers::Response& response, std::vector<Delivered>& done);
  /// A batch is about to be given to the source, as the `settlement`th; its events are not needed
  /// any more.
  void note_settling(std::uint64_t settlement, const Passage& passage);
  /// Of this settlement it is not known whether the source has it.
  void note_doubtful(std::uint64_t settlement) { settled_ids_.note_doubtful(settlement); }
  /// The source has durably settled this many batches.
  void note_settled(std::uint64_t settlements) { settled_ids_.note_settled(settlements); }
  /// Whether what waits here may wait for long: the endpoint is away, or a dead letter is in the
  /// way.
  [[nodiscard]] bool is_stuck() const;
  /// The first event that waits here; null: none.
  [[nodiscard]] const publishers::Event* first_waiting() const;
  /// The source has been given everything back and will send it again.
  void note_backed_out() { settled_ids_.note_backed_out(); }
  /// Forgets what is not with the publisher (the source keeps it).
  void abandon();
  /// Closes the publisher; its last responses are in the completion queue afterwards.
  void close(Milliseconds limit) { publisher_->close(limit); }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
  /// See Limits.
  [[nodiscard]] std::size_t collects_bytes() const { return limits_.collects_bytes; }
  /// Nothing comes from the source before something is settled (`nothing_comes`), or nothing is
  /// handed over before something is answered: the publisher is not to wait for more.
  void flush(bool nothing_comes) {
    const bool has_to = nothing_comes || !breaker_.is_closed();
    if (has_to && limits_.collects_bytes > 0 && !in_flight_.empty())
      publisher_->flush(in_flight_.size());
  }
  /// Events sent again so far.
  [[nodiscard]] std::uint64_t retried() const { return retried_; }
  /// Whether the endpoint refuses at the moment (not merely away).
  [[nodiscard]] bool is_refused() const { return breaker_.is_refused(); }
  /// Since when the endpoint has taken nothing although something waits; now where it takes.
  [[nodiscard]] SteadyTime failing_since() const;
  /// When pump() next has something to do by itself; in the past where it has to be told.
  [[nodiscard]] SteadyTime resume_at() const;

 private:
  static constexpr SteadyTime kNever = SteadyTime::max();

  struct Waiting {
    Passage* passage = nullptr;
    std::uint32_t event = 0;
    std::uint64_t order = 0;  ///< of the first appearance here: retries go back to their place
    bool is_alone = false;    ///< in a request of its own: a request with it was refused
    SteadyTime not_before{};  ///< after the endpoint took others of its request, but not it
    /// Not null: too large as it is. Shared with `bodies_` while its body is on the way.
    std::shared_ptr<KeptBody> body = {};
  };
  using Queue = std::list<Waiting>;

  /// A key whose events wait for its dead letters.
  struct Block {
    std::vector<std::string> letters = {};  ///< ids
    bool is_logged = false;
    Queue held = {};
  };

  struct Sent {
    Queue events;
    SteadyTime at;
    bool was_full = false;  ///< it was the last one that the limit let out
  };
  /// What the outcomes of one response say of the endpoint.
  struct Verdict {
    bool any_accepted = false;
    bool any_final = false;
    bool any_retry = false;
    bool any_throttled = false;
    bool any_refused = false;
    bool any_doubt = false;
  };

  static bool is_position(const Waiting& waiting) { return waiting.event == Delivered::kPosition; }
  [[nodiscard]] Queue take_batches();
  void give_position(const Waiting& newest, publishers::Request& request) const;
  void settle_position(Queue& sent, Queue::iterator position, const publishers::Response& response,
                       std::vector<Delivered>& done);
  void take_back(Queue& sent, std::vector<Delivered>& done);
  [[nodiscard]] static std::size_t size_of(const publishers::Event& event);
  static const publishers::Event& event_of(const Waiting& waiting) {
    const bool is_whole =
        waiting.body == nullptr || waiting.body->state == KeptBody::State::refused;
    return is_whole ? whole_event_of(waiting) : waiting.body->event();
  }
  static const publishers::Event& whole_event_of(const Waiting& waiting) {
    return waiting.passage->events[waiting.event];
  }
  /// Whether its body is not with the store yet.
  static bool is_being_kept(const Waiting& waiting) {
    return waiting.body != nullptr && waiting.body->state == KeptBody::State::under_way;
  }
  void keep_body(Waiting& waiting);
  void say_kept(const KeptBody& body);
  static bool is_withheld(const Waiting& waiting) {
    return waiting.passage->is_withheld(waiting.event);
  }
  [[nodiscard]] std::size_t limit() const;
  [[nodiscard]] bool is_held_by_order(const publishers::Event& event,
                                      const std::unordered_set<std::string_view>& own_keys) const;
  [[nodiscard]] bool is_of_another_key(const Queue& taken, const publishers::Event& event) const;
  [[nodiscard]] bool ends_before(const Queue& taken, std::size_t bytes, std::size_t size,
                                 const Waiting& next) const;
  [[nodiscard]] bool is_early(const Waiting& waiting, SteadyTime now);
  Queue take_request(std::vector<Delivered>& done);
  [[nodiscard]] bool keeps_keys_apart() const { return !limits_.keeps_order || blocks_keys_; }
  [[nodiscard]] bool hold_back(Queue::iterator waiting, std::vector<Delivered>& done);
  [[nodiscard]] bool conclude_unsent(Queue::iterator waiting, std::size_t& size,
                                     std::vector<Delivered>& done);
  [[nodiscard]] std::string too_large(const Waiting& waiting, std::size_t size) const;
  void send(Queue events);

  [[nodiscard]] publishers::Outcome outcome_of(const publishers::Response& response,
                                               std::size_t index) const;
  Verdict verdict_of(const publishers::Response& response, std::size_t events) const;
  void settle(Queue& sent, const publishers::Response& response, const Verdict& verdict,
              std::vector<Delivered>& done);
  void judge(const publishers::Response& response, const Verdict& verdict, const Sent& sent);
  void judge_failure(const publishers::Response& response, const Verdict& verdict);
  void finish(Queue& sent, Queue::iterator waiting, bool accepted, const std::string& reason,
              std::vector<Delivered>& done);
  void requeue(Queue& sent, Queue::iterator waiting);
  void put_back(Queue& from, Queue::iterator waiting);
  /// Whether one outcome refuses a request whose events may differ.
  [[nodiscard]] bool is_blame_shared(const publishers::Response& response,
                                     std::size_t events) const;
  void take_apart(Queue sent, const publishers::Response& response);
  void release_key(const publishers::Event& event);

  void note_accepted();
  void set_proven(bool is_proven);
  [[nodiscard]] bool is_believed();
  void hear_again();
  [[nodiscard]] bool conclude_doubts();
  void refuse(const std::string& reason, std::uint64_t request);
  /// Whether the request was sent after the newest failure: answers to earlier ones say nothing
  /// new about the endpoint.
  [[nodiscard]] bool is_news(const publishers::Response& response) const;

  std::string name_;
  std::unique_ptr<publishers::Publisher> publisher_;
  const Clock& clock_;
  Log& log_;
  publishers::Limits limits_;
  Breaker breaker_;
  Concurrency concurrency_;
  Jitter jitter_;

  Delivery* store_ = nullptr;  ///< of bodies that are too large
  bool is_store_ = false;
  /// On their way to the store.
  std::map<std::pair<Passage*, std::uint32_t>, std::shared_ptr<KeptBody>> bodies_;
  std::uint64_t bodies_kept_ = 0;
  SteadyTime say_kept_at_;

  SettledIds settled_ids_;
  Positions positions_;

  Queue queue_;  ///< by `order`
  Queue spare_;  ///< nodes to use again
  /// Answered doubtfully; each keeps its key until the endpoint takes something else, or nothing
  /// else is left to try.
  Queue doubted_;
  std::string doubt_;                                  ///< the reason of the newest
  std::map<std::string, Block, std::less<>> blocked_;  ///< by key
  bool blocks_keys_ = false;
  std::unordered_map<std::uint64_t, Sent> in_flight_;
  std::unordered_set<std::string_view> keys_in_flight_;
  std::uint64_t next_order_ = 0;
  std::uint64_t next_request_ = 1;
  std::uint64_t retried_ = 0;
  std::uint64_t failures_ = 0;  ///< responses with an event to be sent again

  std::uint64_t first_news_ = 0;     ///< number of the first request after the newest failure
  std::uint64_t first_renewed_ = 0;  ///< likewise with credentials read after a refusal
  bool is_renewed_ = false;          ///< since the endpoint last took anything
  bool is_proven_ = false;           ///< it has taken an event, and not doubted all others since
  bool stored_proven_ = false;       ///< what store_proven_ was last given
  std::function<Result<void>(bool)> store_proven_;
  SteadyTime store_proven_at_;    ///< not before, after a failure
  unsigned believed_in_row_ = 0;  ///< doubtful answers taken at their word since then
  SteadyTime taken_at_;           ///< when the endpoint last took an event
  SteadyTime next_due_ = kNever;  ///< the first `not_before` of what had to be passed over
};

}  // namespace copybridge::bridge
