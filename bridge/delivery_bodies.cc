// Bodies that are kept in a store because the endpoint does not take them (claim_check).
#include <memory>
#include <utility>

#include "bridge/core/log_events.h"
#include "bridge/delivery.h"

namespace copybridge::bridge {
namespace {

constexpr Milliseconds kSayKept{60'000};

}  // namespace

void Delivery::keep_bodies_in(Delivery& store) {
  store_ = &store;
  store.is_store_ = true;
}

/// Begins at once, so that bodies are with the store when their events' turns come. Where even the
/// event that names the body is too large, the whole one stays, and is refused for its size.
void Delivery::keep_body(Waiting& waiting) {
  if (is_position(waiting) || is_withheld(waiting)) return;
  const publishers::Event& whole = event_of(waiting);
  if (publisher_->size_of(whole) <= limits_.event_bytes_max) return;
  auto body = std::make_shared<KeptBody>(whole, store_->publisher_->reference_of(whole));
  if (publisher_->size_of(body->event()) > limits_.event_bytes_max) return;
  waiting.body = body;
  bodies_.emplace(std::pair(waiting.passage, waiting.event), std::move(body));
  store_->enqueue(*waiting.passage, waiting.event);
}

bool Delivery::note_kept(const Delivered& kept) {
  if (store_ == nullptr || kept.destination != store_) return false;
  const auto found = bodies_.find(std::pair(kept.passage, kept.event));
  if (found == bodies_.end()) return false;
  KeptBody& body = *found->second;
  body.state = kept.is_accepted ? KeptBody::State::there : KeptBody::State::refused;
  body.reason = kept.reason;
  if (kept.is_accepted) say_kept(body);
  bodies_.erase(found);
  return true;
}

/// There may be many; one tells where to look.
void Delivery::say_kept(const KeptBody& body) {
  ++bodies_kept_;
  if (clock_.now() < say_kept_at_) return;
  say_kept_at_ = clock_.now() + kSayKept;
  log_body_kept(log_, name_, store_->name(), bodies_kept_, body.event().id, body.reference());
}

}  // namespace copybridge::bridge
