// Batches and settlements.
#include "adapters/amqp/amqp_source.h"

#include <algorithm>
#include <random>
#include <utility>

#include "bridge/core/crash_point.h"
#include "bridge/core/hash.h"

namespace copybridge::adapters::amqp {
namespace {

std::string random_epoch() {
  std::random_device random;
  std::string text;
  for (int i = 0; i < 2; ++i) text += std::to_string(random());
  return hash_of(text).substr(0, 16);
}

std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

AmqpSource::AmqpSource(const AdapterContext& context, SourceSettings settings)
    : context_(context),
      settings_(std::move(settings)),
      epoch_(random_epoch()),
      receiver_(settings_.client, settings_.limits),
      memory_(settings_.limits.credit) {}

Result<void> AmqpSource::open() {
  memory_.note_lost();
  suspect_.reset();
  return receiver_.open();
}

void AmqpSource::close() {
  receiver_.close();
  batches_.clear();
  suspect_.reset();
  memory_.clear();
}

bool AmqpSource::has_lost_batches() const {
  return !batches_.empty() && batches_.front().messages.front().number < receiver_.first_number();
}

/// Whether what is under way, or waits, is to be under way alone: it may have been the end of a
/// bridge, and nothing else is to be under suspicion then.
bool AmqpSource::is_alone_now() const {
  return !batches_.empty() && (suspect_ || batches_.back().is_unit_of_one);
}

Result<ReadStatus> AmqpSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  if (!receiver_.is_open()) {
    if (Result<void> opened = open(); !opened) return pass_on(opened);
  }
  // What was lost with a connection may be under way here: it does not come a second time before
  // its fate is known.
  const bool must_wait = has_lost_batches() || is_alone_now();
  const Milliseconds limit = suspect_ && !must_wait ? Milliseconds(0) : wait;
  if (Result<void> waited = receiver_.wait(limit, !must_wait); !waited) return pass_on(waited);
  if (must_wait) return ReadStatus::idle;
  Batch handed{next_token_, {}, false};
  fill(batch, handed);
  if (!handed.messages.empty()) {
    batch.token = next_token_++;
    batches_.push_back(std::move(handed));
    return ReadStatus::batch;
  }
  if (!batches_.empty()) return ReadStatus::idle;
  return receiver_.is_quiet() ? ReadStatus::dry : ReadStatus::idle;
}

void AmqpSource::fill(RecordBatch& batch, Batch& handed) {
  batch.attributes = {{"amqp-address", settings_.client.address}};
  bool has_room = true;
  while (has_room) {
    std::optional<Arrival> arrival = suspect_ ? std::exchange(suspect_, {}) : receiver_.take();
    if (!arrival) return;
    has_room = append(std::move(*arrival), batch, handed) && !is_full(batch);
  }
}

bool AmqpSource::append(Arrival arrival, RecordBatch& batch, Batch& handed) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(arrival.bytes.data());
  const std::size_t at = batch.bytes.size();
  Message message = reader_.read({begin, arrival.bytes.size()}, batch.bytes);
  const std::size_t size = batch.bytes.size() - at;
  std::string id = id_of(message, batch.bytes.view(at, size));
  const bool has_id = !message.message_id.empty();
  if (has_id && !message.is_first_acquirer) {
    if (const std::optional<Fate> fate = memory_.recognize(id); fate) {
      batch.bytes.resize(at);
      receiver_.settle({{arrival.number, disposition_of(*fate)}});
      return true;
    }
  }
  const bool is_suspect = message.delivery_count > 0;
  if (is_suspect && !(batch.records.empty() && batches_.empty())) {
    batch.bytes.resize(at);
    suspect_ = std::move(arrival);
    return false;
  }
  batch.records.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(size)});
  batch.record_times_ms.push_back(message.creation_time_ms);
  Attributes& attributes = batch.record_attributes.emplace_back(std::move(message.attributes));
  if (!message.fault.empty()) attributes.emplace_back(kFaultAttribute, std::move(message.fault));
  handed.messages.push_back({arrival.number, has_id ? id : std::string()});
  batch.ids.push_back(std::move(id));
  handed.is_unit_of_one = is_suspect;
  return !is_suspect;
}

std::string AmqpSource::id_of(const Message& message, ByteView body) {
  if (message.message_id.empty() && settings_.mints_ids)
    return context_.name + "/" + epoch_ + "/" + std::to_string(++minted_);
  Hasher hasher;
  hasher.update(settings_.client.address);
  hasher.update(std::string_view("\0", 1));
  hasher.update(message.identity);
  hasher.update(text_of(message.message_id.empty() ? message.bare : body));
  return hasher.hex();
}

bool AmqpSource::is_full(const RecordBatch& batch) const {
  const std::size_t most = records_max_ > 0 ? records_max_ : settings_.batch_records_max;
  return batch.records.size() >= most || batch.bytes.size() >= settings_.batch_bytes_max;
}

Result<void> AmqpSource::settle(const Settlement& settlement) {
  // What was under way when the source was closed is with the peer again.
  if (batches_.empty() || batches_.front().token != settlement.token) return {};
  const Batch batch = std::move(batches_.front());
  batches_.pop_front();
  const bool is_lost =
      batch.messages.front().number < receiver_.first_number() || !receiver_.is_open();
  std::vector<std::pair<std::uint64_t, Disposition>> told;
  bool comes_again = false;
  for (std::size_t i = 0; i < batch.messages.size(); ++i) {
    const Fate fate = settlement.fates[i];
    told.emplace_back(batch.messages[i].number, disposition_of(fate));
    comes_again = comes_again || fate == Fate::retry;
    memory_.note_settled(batch.messages[i].id, fate);
  }
  if (is_lost) memory_.note_lost();
  if (is_lost) return {};
  crash_point("amqp_before_settling");
  receiver_.settle(std::move(told));
  crash_point("amqp_after_settling");
  // Later messages do not pass those that come again.
  if (comes_again) {
    if (suspect_) receiver_.settle({{suspect_->number, Disposition::release}});
    suspect_.reset();
    receiver_.hand_back_untaken();
  }
  return {};
}

Disposition AmqpSource::disposition_of(Fate fate) const {
  switch (fate) {
    case Fate::retry:
      return Disposition::release;
    case Fate::dead_lettered:
      return settings_.of_dead_letters;
    case Fate::delivered:
    case Fate::filtered:
      break;
  }
  return Disposition::accept;
}

}  // namespace copybridge::adapters::amqp
