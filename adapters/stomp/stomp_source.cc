// Batches and settlements.
#include "adapters/stomp/stomp_source.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "adapters/text.h"
#include "bridge/core/crash_point.h"
#include "bridge/core/hash.h"

namespace copybridge::adapters::stomp {
namespace {

using copybridge::stomp::Frame;

/// Headers that say how a message came, not what its sender wrote.
constexpr std::array<std::string_view, 5> kOfDelivery = {"message-id", "ack", "subscription",
                                                         "redelivered", "content-length"};
/// Times below it are in seconds (RabbitMQ), above in milliseconds (ActiveMQ).
constexpr std::int64_t kMillisecondsFrom = 100'000'000'000;

std::int64_t time_of(const Frame& frame) {
  const std::string_view text = frame.header("timestamp");
  std::int64_t time = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time);
  if (error != std::errc() || end != text.data() + text.size() || time < 0) return 0;
  return time < kMillisecondsFrom ? time * 1000 : time;
}

}  // namespace

StompSource::StompSource(const AdapterContext& context, SourceSettings settings)
    : context_(context),
      settings_(std::move(settings)),
      epoch_(hash_of(to_rfc3339(context.clock.wall_now())).substr(0, 16)),
      subscription_(settings_.subscription),
      memory_(settings_.subscription.prefetch) {}

Result<void> StompSource::open() {
  memory_.note_lost();
  Result<void> opened = subscription_.open();
  if (!opened) return opened;
  const std::string server = subscription_.server_name();
  broker_ = server.starts_with("RabbitMQ")           ? Broker::rabbitmq
            : server.starts_with("ActiveMQ-Artemis") ? Broker::artemis
                                                     : Broker::other;
  return opened;
}

void StompSource::close() {
  subscription_.close();
  batches_.clear();
  memory_.clear();
}

Result<ReadStatus> StompSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  if (!subscription_.is_open()) {
    if (Result<void> opened = open(); !opened) return pass_on(opened);
  }
  // What was lost with a connection may be under way here: it does not come a second time before
  // its fate is known.
  const bool must_wait =
      !batches_.empty() && batches_.front().connection != subscription_.connection();
  if (Result<void> waited = subscription_.wait(wait, !must_wait); !waited) return pass_on(waited);
  if (must_wait) return ReadStatus::idle;
  Batch handed{next_token_, subscription_.connection(), {}};
  fill(batch, handed);
  if (!handed.messages.empty()) {
    batch.token = next_token_++;
    batches_.push_back(std::move(handed));
    return ReadStatus::batch;
  }
  if (!batches_.empty()) return ReadStatus::idle;
  return subscription_.is_quiet() ? ReadStatus::dry : ReadStatus::idle;
}

void StompSource::fill(RecordBatch& batch, Batch& handed) {
  while (!is_full(batch)) {
    std::optional<Arrival> arrival = subscription_.take();
    if (!arrival) return;
    append(std::move(arrival->frame), batch, handed);
  }
}

void StompSource::append(Frame frame, RecordBatch& batch, Batch& handed) {
  const std::string_view sent = sent_id(frame);
  std::string id = id_of(frame, sent);
  Handed message{std::string(frame.header("message-id")), std::string(frame.header("ack")),
                 sent.empty() ? std::string() : id};
  if (broker_ == Broker::artemis) message.known_by = broker_id(frame);
  if (settles_again(frame, message)) return;
  const std::size_t at = batch.bytes.size();
  batch.bytes.append({reinterpret_cast<const std::uint8_t*>(frame.body.data()), frame.body.size()});
  batch.records.push_back(
      {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(frame.body.size())});
  batch.record_times_ms.push_back(time_of(frame));
  batch.ids.push_back(std::move(id));
  Attributes& attributes = batch.record_attributes.emplace_back();
  for (const auto& [name, value] : frame.headers)
    attributes.emplace_back("stomp-" + text_or_hex(name), text_or_hex(value));
  handed.messages.push_back(std::move(message));
}

bool StompSource::settles_again(const Frame& frame, const Handed& message) {
  // Artemis says of some that they come for the first time though their ACK was lost; its numbers
  // are of one message each.
  const bool is_first = broker_ != Broker::artemis && frame.header("redelivered") == "false";
  if (message.known_by.empty() || is_first) return false;
  const std::optional<Fate> fate = memory_.recognize(message.known_by);
  if (fate) subscription_.settle({answer(message, *fate)});
  return fate.has_value();
}

std::string_view StompSource::broker_id(const Frame& frame) const {
  const std::string_view id = frame.header("message-id");
  switch (broker_) {
    case Broker::rabbitmq:  // It is of the session.
      return {};
    case Broker::artemis:  // CONSUMER,NUMBER
      return id.substr(id.find(',') + 1);
    case Broker::other:
      break;
  }
  return id;
}

std::string_view StompSource::sent_id(const Frame& frame) const {
  if (!settings_.id_header.empty()) return frame.header(settings_.id_header);
  const std::string_view of_amqp = frame.header("amqp-message-id");
  return of_amqp.empty() ? broker_id(frame) : of_amqp;
}

std::string StompSource::id_of(const Frame& frame, std::string_view sent) {
  if (sent.empty() && settings_.mints_ids)
    return context_.name + "/" + epoch_ + "/" + std::to_string(++minted_);
  Hasher hasher;
  const auto update = [&hasher](std::string_view text) {
    hasher.update(text);
    hasher.update(std::string_view("\0", 1));
  };
  update(settings_.subscription.client.destination);
  update(sent);
  if (sent.empty()) {
    for (const auto& [name, value] : frame.headers) {
      if (std::ranges::find(kOfDelivery, name) != kOfDelivery.end()) continue;
      update(name);
      update(value);
    }
  }
  hasher.update(frame.body);
  return hasher.hex();
}

bool StompSource::is_full(const RecordBatch& batch) const {
  const std::size_t most = records_max_ > 0 ? records_max_ : settings_.batch_records_max;
  return batch.records.size() >= most || batch.bytes.size() >= settings_.batch_bytes_max;
}

Answer StompSource::answer(const Handed& message, Fate fate) const {
  const bool is_nack = fate == Fate::dead_lettered && settings_.nacks_dead_letters;
  return {is_nack ? Answer::Kind::nack : Answer::Kind::ack, message.message_id, message.ack_id};
}

Result<void> StompSource::settle(const Settlement& settlement) {
  // What was under way when the source was closed is with the broker again.
  if (batches_.empty() || batches_.front().token != settlement.token) return {};
  const Batch batch = std::move(batches_.front());
  batches_.pop_front();
  const bool is_lost = batch.connection != subscription_.connection() || !subscription_.is_open();
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < batch.messages.size(); ++i) {
    const Fate fate = settlement.fates[i];
    memory_.note_settled(batch.messages[i].known_by, fate);
    if (fate != Fate::retry) answers.push_back(answer(batch.messages[i], fate));
  }
  if (is_lost) {
    memory_.note_lost();
    return {};
  }
  const bool comes_again = answers.size() < batch.messages.size();
  crash_point("stomp_before_settling");
  subscription_.settle(std::move(answers));
  crash_point("stomp_after_settling");
  // What NACK does is every broker's own; to all a session's end gives back what has no answer.
  if (comes_again) subscription_.close();
  return {};
}

}  // namespace copybridge::adapters::stomp
