// What becomes of records that can never succeed: to the dead letters, before anything is settled.
#include <algorithm>
#include <set>

#include "bridge/core/crash_point.h"
#include "bridge/pipeline.h"

namespace copybridge::bridge {
namespace {

constexpr Milliseconds kBlocksLookedAt{1000};
constexpr std::uint64_t kBadLoggedPerInterval = 10;

}  // namespace

void Pipeline::store_dead_letters() {
  for (LetterBox::Owner& owner : letters_.take_refused()) keep_here(std::move(owner));
  has_new_bad_ = false;
  if (!letter_storage_.is_due(clock_.now())) return;
  for (const auto& passage : passages_) {
    post_letters(*passage);
    if (passage->bad.empty()) continue;
    std::vector<DeadLetter> letters;
    for (const BadRecord& bad : passage->bad) letters.push_back(dead_letter(*passage, bad));
    const Result<void> stored = dead_letters_.store(letters);
    if (!stored) return letter_storage_.note_lost(log_, clock_.now(), stored.error().message);
    crash_point("dead_letters_stored");
    for (const BadRecord& bad : passage->bad) note_dead_lettered(*passage, bad);
    passage->bad.clear();
  }
  letter_storage_.note_found(log_, clock_.now());
  release_keys();
}

/// Asked of the store now and then, since `dead-letters drop` removes letters while this runs.
void Pipeline::release_keys() {
  const SteadyTime now = clock_.now();
  if (now < blocks_due_) return;
  const auto is_blocked = [](const auto& destination) { return destination->has_blocked_keys(); };
  if (std::ranges::none_of(destinations_, is_blocked)) return;
  blocks_due_ = now + kBlocksLookedAt;
  const auto blocking = dead_letters_.blocking(settings_.source);
  if (!blocking) return;  // They wait on; what cannot be read is not written, either.
  for (const auto& destination : destinations_) {
    std::set<std::pair<std::string, std::string>> letters;
    for (const BlockingLetter& letter : *blocking) {
      if (letter.destination == destination->name()) letters.emplace(letter.key, letter.id);
    }
    destination->release_all_but(letters);
  }
}

/// What earlier runs left: later events of these keys wait from the start.
Result<void> Pipeline::block_keys() {
  const auto blocks = [](const auto& destination) { return destination->blocks_keys(); };
  if (std::ranges::none_of(destinations_, blocks)) return {};
  const auto blocking = dead_letters_.blocking(settings_.source);
  if (!blocking) return pass_on(blocking);
  for (const auto& destination : destinations_) {
    if (!destination->blocks_keys()) continue;
    for (const BlockingLetter& letter : *blocking) {
      if (letter.destination == destination->name()) destination->block(letter.key, letter.id);
    }
  }
  return {};
}

/// Gives the publisher of the dead letters what is not kept here.
void Pipeline::post_letters(Passage& passage) {
  if (!letters_.is_open(clock_.now())) return;
  std::erase_if(passage.bad, [&](BadRecord& bad) {
    if (bad.is_kept_here) return false;
    const DeadLetter letter = dead_letter(passage, bad);
    letters_.put(letter, {&passage, std::move(bad)});
    return true;
  });
}

void Pipeline::keep_here(LetterBox::Owner owner) {
  owner.bad.is_kept_here = true;
  owner.passage->bad.push_back(std::move(owner.bad));
}

void Pipeline::note_dead_lettered(Passage& passage, const BadRecord& bad) {
  log_bad(passage, bad);
  ++dead_letters_stored_;
  Share& share = passage.share(bad.record, bad.route);
  share.is_dead_lettered = true;
  share.pending -= 1;
  passage.pending -= 1;
}

void Pipeline::conclude(const std::vector<Delivered>& done) {
  for (const Delivered& delivered : done) {
    if (note_kept(delivered) || note_probe(delivered.passage)) continue;
    if (letters_.is(delivered.destination)) {
      LetterBox::Owner owner = letters_.take(delivered.passage);
      if (delivered.is_accepted) {
        note_dead_lettered(*owner.passage, owner.bad);
      } else {
        keep_here(std::move(owner));
      }
      continue;
    }
    conclude_event(delivered);
  }
  if (endpoint_watch_.is_exceeded()) pause();
}

/// Of an event that still has to go to its destination.
bool Pipeline::note_kept(const Delivered& delivered) {
  return delivered.destination->is_store() &&
         std::ranges::any_of(destinations_, [&](const auto& destination) {
           return destination->note_kept(delivered);
         });
}

void Pipeline::conclude_event(const Delivered& delivered) {
  Passage& passage = *delivered.passage;
  if (delivered.event == Delivered::kPosition) {
    passage.pending -= 1;
    return;
  }
  const Passage::Origin& origin = passage.origins[delivered.event];
  Share& share = passage.share(origin.record, origin.route);
  if (delivered.is_taken_back) {
    share.is_handed_back = true;
    share.pending -= 1;
    passage.pending -= 1;
    return;
  }
  if (origin.withheld == nullptr && !delivered.is_letter) {
    endpoint_watch_.add(!delivered.is_accepted);
  }
  if (delivered.is_accepted || delivered.is_letter) {
    share.is_delivered = share.is_delivered || delivered.is_accepted;
    share.is_dead_lettered = share.is_dead_lettered || delivered.is_letter;
    share.pending -= 1;
    passage.pending -= 1;
    return;
  }
  // What was owed to the destination is now owed to the dead letters.
  BadRecord bad{origin.record, origin.route, origin.mapping, delivered.destination->name(), {}};
  if (origin.withheld != nullptr) {
    bad.field = origin.withheld->bad.field;
  } else {
    last_bad_reason_ = delivered.reason;
    bad.field.expected = "an event that the endpoint accepts";
    bad.field.message = delivered.reason;
  }
  if (routes_[origin.route].blocks_keys) bad.key = passage.events[delivered.event].key;
  bad.is_kept_here = !bad.key.empty();
  passage.bad.push_back(std::move(bad));
  has_new_bad_ = true;
}

DeadLetter Pipeline::dead_letter(const Passage& passage, const BadRecord& bad) const {
  return make_dead_letter(settings_.source, passage, bad, to_rfc3339(clock_.wall_now()));
}

void Pipeline::log_bad(const Passage& passage, const BadRecord& bad) {
  if (logged_bad_ >= kBadLoggedPerInterval) {
    ++unlogged_bad_;
    return;
  }
  ++logged_bad_;
  log_dead_letter(log_, settings_.source, passage.event_id(bad.record, bad.mapping),
                  bad.mapping == nullptr ? "-" : bad.mapping->name, bad.destination,
                  bad.field.message);
}

}  // namespace copybridge::bridge
