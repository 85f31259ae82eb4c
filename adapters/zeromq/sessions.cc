// Numbers without gaps, repeats without a second record.
#include "adapters/zeromq/sessions.h"

#include <algorithm>
#include <utility>

namespace copybridge::adapters::zeromq {
namespace {

constexpr std::size_t kSessionsMax = 1000;

}  // namespace

void Sessions::open(const std::string& peer, const protocol::Message& message) {
  if (!sessions_.contains(message.session)) {
    make_room();
    State fresh;
    fresh.received = fresh.settled = message.first - 1;
    sessions_.emplace(message.session, std::move(fresh));
  }
  State& session = sessions_.at(message.session);
  session.peer = peer;
  if (message.first > session.received + 1) {
    // Begun here by an open that was late: in front of `first` everything is safe, from another
    // run.
    session.items.clear();
    session.received = session.settled = message.first - 1;
  }
  // Whatever was under way before it has come by now, or is lost.
  session.must_answer = session.misses = true;
}

/// The first one that waits for nothing goes; it is opened again where it lives.
void Sessions::make_room() {
  if (sessions_.size() < kSessionsMax) return;
  const auto idle =
      std::ranges::find_if(sessions_, [](const auto& entry) { return entry.second.items.empty(); });
  sessions_.erase(idle == sessions_.end() ? sessions_.begin() : idle);
}

std::shared_ptr<Item> Sessions::take(const std::string& peer, const protocol::Message& message,
                                     const std::string& id) {
  const auto found = sessions_.find(message.session);
  if (found == sessions_.end()) {
    unknown_[message.session] = peer;
    return nullptr;
  }
  State& session = found->second;
  session.peer = peer;
  session.must_answer = true;
  if (message.number != session.received + 1) {
    // In front of it one is missing, or it was sent again needlessly.
    session.misses = session.misses || message.number > session.received;
    return nullptr;
  }
  ++session.received;
  session.misses = false;
  bool is_new = false;
  session.items.push_back(item_of(id, is_new));
  return is_new ? session.items.back() : nullptr;
}

std::shared_ptr<Item> Sessions::item_of(const std::string& id, bool& is_new) {
  std::shared_ptr<Item>& known = known_[id];
  is_new = known == nullptr;
  if (is_new) {
    known = std::make_shared<Item>();
    known->id = id;
  }
  return known;
}

void Sessions::settle(const std::shared_ptr<Item>& item, bool is_safe) {
  item->state = is_safe ? Item::State::safe : Item::State::back;
  if (!is_safe) {
    known_.erase(item->id);
    return;
  }
  safe_.push_back(item->id);
  if (safe_.size() <= repeats_max_) return;
  known_.erase(safe_.front());
  safe_.pop_front();
}

void Sessions::set_full(bool is_full) {
  if (is_full == is_full_) return;
  is_full_ = is_full;
  for (auto& [name, session] : sessions_) session.must_answer = true;
}

std::vector<Sessions::Answer> Sessions::answers() {
  std::vector<Answer> answers;
  for (auto& [name, peer] : unknown_) {
    answers.push_back(
        {peer, protocol::encode({.kind = protocol::MessageKind::unknown, .session = name})});
  }
  unknown_.clear();
  for (auto next = sessions_.begin(); next != sessions_.end();) {
    const auto now = next++;
    auto& [name, session] = *now;
    for (; !session.items.empty() && session.items.front()->state == Item::State::safe;
         ++session.settled) {
      session.items.pop_front();
      session.must_answer = true;
    }
    const bool comes_back =
        !session.items.empty() && session.items.front()->state == Item::State::back;
    if (comes_back) {
      answers.push_back({session.peer, protocol::encode({.kind = protocol::MessageKind::returned,
                                                         .session = name,
                                                         .first = session.settled + 1})});
      sessions_.erase(now);
    } else if (std::exchange(session.must_answer, false)) {
      answers.push_back(
          {session.peer,
           protocol::encode({.kind = protocol::MessageKind::state,
                             .session = name,
                             .received = session.received,
                             .settled = session.settled,
                             .limit = is_full_ ? session.received : session.settled + credit_,
                             .misses = std::exchange(session.misses, false)})});
    }
  }
  return answers;
}

void Sessions::clear() {
  sessions_.clear();
  unknown_.clear();
  std::erase_if(known_, [](const auto& entry) { return entry.second->state != Item::State::safe; });
}

}  // namespace copybridge::adapters::zeromq
