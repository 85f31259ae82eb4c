// Messages to batches, settlements to answers.
#include "adapters/zeromq/zeromq_source.h"

#include <fmt/format.h>

#include <thread>
#include <utility>

#include "adapters/text.h"
#include "bridge/core/hash.h"
#include "bridge/core/log_connections.h"
#include "codecs/json/parts.h"

namespace copybridge::adapters::zeromq {
namespace {

using protocol::Message;
using protocol::MessageKind;

constexpr Milliseconds kCloseLimit{1000};
/// What a sender's library has received and not handed on when the connection ends is lost, and its
/// records come again.
constexpr Milliseconds kLastWords{50};
constexpr Milliseconds kQuietAfter{1000};
constexpr std::size_t kIdBytesMax = 512;
constexpr std::size_t kScopeDigits = 16;

std::string_view field_of(const Message& message, std::string_view name) {
  for (const auto& [key, value] : message.fields)
    if (key == name) return value;
  return {};
}

std::string_view bytes_of(const zmq::message_t& frame) { return frame.to_string_view(); }

}  // namespace

ZeromqSource::ZeromqSource(const AdapterContext& context, SourceSettings settings)
    : context_(context),
      settings_(std::move(settings)),
      sessions_(settings_.credit, settings_.repeats_max),
      refused_(context.clock,
               [this](std::uint64_t count, std::string_view reason) {
                 log_connections_refused(context_.log, context_.name, count, reason);
               }),
      broken_(context.clock, [this](std::uint64_t count, std::string_view reason) {
        log_connections_broken(context_.log, context_.name, count, reason);
      }) {}

Result<void> ZeromqSource::open() {
  close();
  came_at_ = context_.clock.now();
  return port_.open(settings_.type, settings_.socket, settings_.topics);
}

Result<ReadStatus> ZeromqSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  if (!port_.is_open()) {
    if (Result<void> opened = open(); !opened) return pass_on(opened);
  }
  Batch handed;
  fill(batch, handed);
  if (batch.records.empty()) {
    // Who has asked is not kept waiting for it.
    answer();
    port_.wait(wait);
    for (std::size_t refused = port_.take_refused(); refused > 0; --refused)
      refused_.add("a key is not among curve_client_keys");
    fill(batch, handed);
  }
  answer();
  const SteadyTime now = context_.clock.now();
  if (batch.records.empty()) {
    const bool is_quiet = now - came_at_ >= kQuietAfter;
    return unsettled_.empty() && is_quiet ? ReadStatus::dry : ReadStatus::idle;
  }
  came_at_ = now;
  batch.token = handed.token = next_token_++;
  handed.bytes = batch.bytes.size();
  unsettled_bytes_ += handed.bytes;
  unsettled_.push_back(std::move(handed));
  return ReadStatus::batch;
}

void ZeromqSource::fill(RecordBatch& batch, Batch& handed) {
  std::size_t most = records_max_ > 0 ? records_max_ : settings_.batch_records_max;
  // An event that goes on as it is is a batch of its own.
  if (settings_.passes_events) most = 1;
  // Plain sockets are not read while too much is not safe: their senders wait, or lose.
  if (!is_acknowledged() && unsettled_bytes_ >= settings_.waiting_bytes_max) return;
  std::vector<zmq::message_t> frames;
  while (batch.records.size() < most && batch.bytes.size() < kBatchBytes && port_.receive(frames)) {
    is_acknowledged() ? take_message(frames, batch, handed) : take_plain(frames, batch);
  }
}

void ZeromqSource::take_plain(std::vector<zmq::message_t>& frames, RecordBatch& batch) {
  Attributes attributes;
  const bool has_topic = settings_.type == zmq::socket_type::sub && frames.size() > 1;
  for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
    std::string name = has_topic && i == 0 ? "zeromq-topic" : fmt::format("zeromq-frame-{}", i + 1);
    attributes.emplace_back(std::move(name), text_or_hex(bytes_of(frames[i])));
  }
  append(frames.back(), std::move(attributes), batch);
}

void ZeromqSource::take_message(std::vector<zmq::message_t>& frames, RecordBatch& batch,
                                Batch& handed) {
  // The first frame is who it is from.
  if (frames.size() < 2) return broken_.add("zeromq: a message without a head");
  const Result<Message> message = protocol::parse(bytes_of(frames[1]));
  if (!message) return broken_.add(message.error().message);
  if (message->kind == MessageKind::open && frames.size() == 2)
    return sessions_.open(frames[0].to_string(), *message);
  if (message->kind == MessageKind::record && frames.size() == 3)
    return take_record(*message, frames, batch, handed);
  broken_.add("zeromq: a message that a sender does not send");
}

void ZeromqSource::take_record(const Message& message, std::vector<zmq::message_t>& frames,
                               RecordBatch& batch, Batch& handed) {
  std::string id = id_of(message);
  std::shared_ptr<Item> item = sessions_.take(frames[0].to_string(), message, id);
  if (item == nullptr) return;
  Attributes attributes;
  for (const auto& [name, value] : message.fields)
    attributes.emplace_back("ce-" + std::string(name), value);
  if (std::string key = protocol::sender_of(frames[2]); !key.empty())
    attributes.emplace_back("zeromq-client", std::move(key));
  batch.ids.push_back(std::move(id));
  batch.is_notice = is_event(message, frames[2]);
  if (batch.is_notice) batch.notice_type = field_of(message, "type");
  append(frames[2], std::move(attributes), batch);
  handed.items.push_back(std::move(item));
}

bool ZeromqSource::is_event(const Message& message, const zmq::message_t& body) const {
  return settings_.passes_events && field_of(message, "datacontenttype") == "application/json" &&
         !field_of(message, "type").empty() && json::is_json(bytes_of(body));
}

/// Of what its sender named it by, and where that is from; else of its place in the session.
std::string ZeromqSource::id_of(const Message& message) const {
  const std::string_view id = field_of(message, "id");
  const std::string scope(id.empty()
                              ? std::string_view(message.session.data(), message.session.size())
                              : field_of(message, "source"));
  const std::string name = id.empty()                 ? std::to_string(message.number)
                           : id.size() <= kIdBytesMax ? std::string(id)
                                                      : hash_of(id);
  return context_.name + "/" + hash_of(scope).substr(0, kScopeDigits) + "/" + name;
}

void ZeromqSource::append(const zmq::message_t& body, Attributes attributes, RecordBatch& batch) {
  const std::size_t at = batch.bytes.size();
  batch.bytes.append({body.data<std::uint8_t>(), body.size()});
  batch.records.push_back(
      {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(body.size())});
  batch.record_attributes.push_back(std::move(attributes));
  batch.record_times_ms.push_back(
      std::chrono::duration_cast<Milliseconds>(context_.clock.wall_now().time_since_epoch())
          .count());
}

Result<void> ZeromqSource::settle(const Settlement& settlement) {
  if (unsettled_.empty() || unsettled_.front().token != settlement.token) return {};
  const Batch& batch = unsettled_.front();
  for (std::size_t i = 0; i < batch.items.size(); ++i)
    sessions_.settle(batch.items[i], settlement.fates[i] != Fate::retry);
  unsettled_bytes_ -= batch.bytes;
  unsettled_.pop_front();
  answer();
  return {};
}

/// One that does not get through is given again: whoever misses it asks.
void ZeromqSource::answer() {
  if (!is_acknowledged()) return;
  sessions_.set_full(unsettled_bytes_ >= settings_.waiting_bytes_max);
  for (const Sessions::Answer& one : sessions_.answers())
    static_cast<void>(port_.send({one.peer, one.frame}));
}

void ZeromqSource::close() {
  if (is_acknowledged() && port_.is_open()) std::this_thread::sleep_for(kLastWords);
  port_.close(kCloseLimit);
  refused_.flush();
  broken_.flush();
  sessions_.clear();
  unsettled_.clear();
  unsettled_bytes_ = 0;
}

SourceStatus ZeromqSource::status() const {
  return {.lag = std::to_string(unsettled_.size()) + " batches, " +
                 std::to_string(unsettled_bytes_) + " bytes"};
}

}  // namespace copybridge::adapters::zeromq
