// Dead letters on their way to a publisher: each as an event of its own, until it is accepted.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "bridge/dead_letters.h"
#include "bridge/delivery.h"
#include "bridge/passage.h"

namespace copybridge::bridge {

/// The dead letter of a record, or of one destination's share of it. `time`: when, RFC 3339.
[[nodiscard]] DeadLetter make_dead_letter(const std::string& source, const Passage& passage,
                                          const BadRecord& bad, std::string time);

/// The attributes of a dead letter's record, as its source gave them; none where the text is no
/// JSON object of texts.
[[nodiscard]] adapters::Attributes attributes_of(const DeadLetter& letter);

/// What is with the publisher of the dead letters, or waits for it. Used by the pipeline's thread.
class LetterBox {
 public:
  /// Whose dead letter an event is.
  struct Owner {
    Passage* passage = nullptr;
    BadRecord bad;
  };

  /// `delivery` null: dead letters have no publisher. `event_source` is the CloudEvents source.
  LetterBox(Delivery* delivery, std::string event_source)
      : delivery_(delivery), event_source_(std::move(event_source)) {}

  [[nodiscard]] bool has_publisher() const { return delivery_ != nullptr; }
  [[nodiscard]] bool is(const Delivery* destination) const {
    return delivery_ != nullptr && destination == delivery_;
  }
  /// False while the publisher refuses the bridge itself and is not due to be tried again.
  [[nodiscard]] bool is_open(SteadyTime now) const;
  /// Hands a letter to the publisher; its owner comes out of take() with the event's fate.
  void put(const DeadLetter& letter, Owner owner);
  [[nodiscard]] Owner take(const Passage* letter);
  /// Takes back what waits for a publisher that refuses the bridge itself and is not with it.
  [[nodiscard]] std::vector<Owner> take_refused();
  /// Forgets all: the source keeps the records.
  void clear() { letters_.clear(); }
  [[nodiscard]] bool is_empty() const { return letters_.empty(); }

 private:
  struct Letter {
    Passage passage;  ///< of the one event
    Owner owner;
  };

  Delivery* const delivery_;
  const std::string event_source_;
  std::unordered_map<const Passage*, std::unique_ptr<Letter>> letters_;
};

}  // namespace copybridge::bridge
