// The receiving end of the acknowledged protocol: what has come of each sender's session, what is
// safe, what has come before. No I/O. docs/zeromq.md.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bridge/zeromq/protocol.h"

namespace copybridge::adapters::zeromq {

namespace protocol = copybridge::zeromq;

/// A record that has come, and what is known of it.
struct Item {
  enum class State : std::uint8_t {
    waiting,  ///< handed out, or about to be
    safe,
    back  ///< its sender keeps it
  };
  std::string id;
  State state = State::waiting;
};

class Sessions {
 public:
  /// Who a message is from, and for whom an answer is: the library's routing id.
  struct Answer {
    std::string peer;
    std::string frame;
  };

  /// `credit`: how many records of a session may be on their way or not safe; `repeats_max`: how
  /// many of the latest safe ones are known when they come again.
  Sessions(std::uint64_t credit, std::size_t repeats_max)
      : credit_(credit), repeats_max_(repeats_max) {}

  /// An open message.
  void open(const std::string& peer, const protocol::Message& message);
  /// A record's message. Null: it is not to be handed out; it has come before, or others in front
  /// of it are missing, or its session is not known.
  [[nodiscard]] std::shared_ptr<Item> take(const std::string& peer,
                                           const protocol::Message& message, const std::string& id);
  /// Its fate is known.
  void settle(const std::shared_ptr<Item>& item, bool is_safe);
  /// No session gets more credit while there is no room.
  void set_full(bool is_full);
  /// Answers to what has happened since the last call.
  [[nodiscard]] std::vector<Answer> answers();
  /// Forgets all but what is safe.
  void clear();

 private:
  struct State {
    std::string peer;
    std::uint64_t received = 0;
    std::uint64_t settled = 0;
    std::deque<std::shared_ptr<Item>> items;  ///< from settled + 1 to received
    bool must_answer = false;
    bool misses = false;
  };

  [[nodiscard]] std::shared_ptr<Item> item_of(const std::string& id, bool& is_new);
  void make_room();

  const std::uint64_t credit_;
  const std::size_t repeats_max_;
  bool is_full_ = false;
  std::map<protocol::Session, State> sessions_;
  std::map<protocol::Session, std::string> unknown_;  ///< to be told so
  std::unordered_map<std::string, std::shared_ptr<Item>> known_;
  std::deque<std::string> safe_;  ///< ids, oldest first
};

}  // namespace copybridge::adapters::zeromq
