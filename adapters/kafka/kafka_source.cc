// The calls to librdkafka's consumer.
#include "adapters/kafka/kafka_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adapters/text.h"
#include "bridge/core/log_events.h"

namespace copybridge::adapters {
namespace {

using kafka::MessageHandle;
using kafka::PartitionsHandle;

constexpr int kBrokerWaitMs = 5'000;
constexpr std::chrono::seconds kLeaveLimit{3};
/// A commit that a rebalance stands in the way of is tried again.
constexpr Milliseconds kRebalanceWait{100};
constexpr int kRebalanceTries = 50;
constexpr std::string_view kHeaderPrefix = "kafka-header-";

Error lost(std::string_view what, rd_kafka_resp_err_t error) {
  return {ErrorKind::source,
          "kafka: " + std::string(what) + ": " + rd_kafka_err2str(error) + " (" +
              rd_kafka_err2name(error) + ")",
          {}};
}

std::string text_of(const void* data, std::size_t size) {
  return text_or_hex({static_cast<const char*>(data), size});
}

bool is_of_rebalance(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
         error == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
         error == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID;
}

kafka::Properties own_values(const KafkaSourceSettings& settings) {
  kafka::Properties values = {
      {"bootstrap.servers", settings.brokers},
      {"group.id", settings.group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"auto.offset.reset", settings.starts_at_end ? "latest" : "earliest"}};
  // Then it waits for the offsets of a transaction that another member of the group has open.
  if (settings.gives_positions) values.emplace_back("isolation.level", "read_committed");
  return values;
}

/// What the user's properties may change.
kafka::Properties defaults() {
  return {{"client.id", "copybridge"},
          {"isolation.level", "read_committed"},
          {"partition.assignment.strategy", "cooperative-sticky"},
          // While an endpoint is away nothing is polled, and nothing is gained by giving the
          // partitions to another bridge.
          {"max.poll.interval.ms", "86400000"}};
}

std::span<rd_kafka_topic_partition_t> rows_of(rd_kafka_topic_partition_list_t& list) {
  return {list.elems, static_cast<std::size_t>(list.cnt)};
}

}  // namespace

Result<void> KafkaSource::open() {
  close();
  Result<kafka::ClientHandle> client = connect();
  if (!client) return pass_on(client);
  consumer_ = std::move(*client);
  rd_kafka_poll_set_consumer(consumer_.get());
  {
    const std::scoped_lock lock(mutex_);
    queue_.reset(rd_kafka_queue_get_consumer(consumer_.get()));
  }
  handover_.set_consumer(consumer_.get());
  const PartitionsHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), settings_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer_.get(), topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::make_unexpected(lost("subscribe", error));
  return {};
}

Result<kafka::ClientHandle> KafkaSource::connect() {
  kafka::ConfHandle conf(rd_kafka_conf_new());
  Result<void> done = kafka::set_own(conf.get(), defaults());
  if (done) done = kafka::set_properties(conf.get(), settings_.properties);
  if (done) done = kafka::set_own(conf.get(), own_values(settings_));
  if (!done) return pass_on(done);
  rd_kafka_conf_set_rebalance_cb(conf.get(), &KafkaSource::rebalance);
  return kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf), *this, settings_.login.get(),
                            settings_.interface);
}

void KafkaSource::close() {
  handover_.set_consumer(nullptr);
  held_.clear();
  {
    const std::scoped_lock lock(mutex_);
    queue_.reset();
  }
  if (consumer_ != nullptr) leave_group();
  positions_.clear();
  has_partitions_ = is_broken_ = false;
  refusal_.clear();
}

// Without a limit it waits for a rebalance that other members hold up, or for brokers that are
// away. The group notices by itself then that the member is gone.
void KafkaSource::leave_group() {
  kafka::QueueHandle queue(rd_kafka_queue_new(consumer_.get()));
  const kafka::ErrorHandle error(rd_kafka_consumer_close_queue(consumer_.get(), queue.get()));
  const auto limit = std::chrono::steady_clock::now() + kLeaveLimit;
  while (error == nullptr && rd_kafka_consumer_closed(consumer_.get()) == 0 &&
         std::chrono::steady_clock::now() < limit) {
    // Revokes what is assigned; messages that had come are with the group again.
    const MessageHandle left(rd_kafka_consume_queue(queue.get(), 50));
  }
  queue.reset();
  kafka::leave_login(consumer_.get());
  rd_kafka_destroy_flags(consumer_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void KafkaSource::interrupt() {
  const std::scoped_lock lock(mutex_);
  is_interrupted_ = true;
  if (queue_ != nullptr) rd_kafka_queue_yield(queue_.get());
}

void KafkaSource::rebalance(rd_kafka_t* client, rd_kafka_resp_err_t event,
                            rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  auto& source = static_cast<KafkaSource&>(*static_cast<kafka::ClientReports*>(opaque));
  const bool is_cooperative =
      std::string_view(rd_kafka_rebalance_protocol(client)) == "COOPERATIVE";
  kafka::ErrorHandle error;
  if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    source.take_partitions(*partitions);
    if (is_cooperative) {
      error.reset(rd_kafka_incremental_assign(client, partitions));
    } else {
      rd_kafka_assign(client, partitions);
    }
  } else {
    if (partitions->cnt > 0) source.handover_.take_back();
    for (const auto& row : rows_of(*partitions)) source.positions_.revoke(row.partition);
    if (is_cooperative) {
      error.reset(rd_kafka_incremental_unassign(client, partitions));
    } else {
      rd_kafka_assign(client, nullptr);
    }
  }
  if (error != nullptr) source.failed(rd_kafka_error_code(error.get()), "rebalance", false);
}

void KafkaSource::take_partitions(rd_kafka_topic_partition_list_t& partitions) {
  skip_what_is_gone(partitions);
  for (const auto& row : rows_of(partitions)) positions_.assign(row.partition);
  has_partitions_ = true;
}

// Retention may have removed records that nobody has read. Kafka would go on behind them without a
// word. Where the brokers cannot be asked it does.
void KafkaSource::skip_what_is_gone(rd_kafka_topic_partition_list_t& partitions) {
  if (rd_kafka_committed(consumer_.get(), &partitions, kBrokerWaitMs) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    for (auto& row : rows_of(partitions)) row.offset = RD_KAFKA_OFFSET_INVALID;
    return;
  }
  for (auto& row : rows_of(partitions)) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    if (row.offset < 0 ||
        rd_kafka_query_watermark_offsets(consumer_.get(), row.topic, row.partition, &low, &high,
                                         kBrokerWaitMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      continue;
    }
    // Behind the end: the topic was made anew.
    const std::int64_t from = row.offset > high ? low : std::max(row.offset, low);
    if (from == row.offset) continue;
    log_records_gone(log_, name_, settings_.topic + "/" + std::to_string(row.partition), row.offset,
                     from);
    row.offset = from;
  }
}

void KafkaSource::failed(rd_kafka_resp_err_t error, std::string_view text, bool is_fatal) {
  is_broken_ = is_broken_ || is_fatal;
  if (error == RD_KAFKA_RESP_ERR__AUTHENTICATION) refusal_ = text;
  log_source_detail(log_, name_,
                    "kafka: " + std::string(text) + " (" + rd_kafka_err2name(error) + ")");
}

void KafkaSource::said(std::string_view text) { log_source_detail(log_, name_, text); }

Result<void> KafkaSource::rewind() {
  if (!positions_.is_idle()) return {};
  for (const auto& [partition, offset] : positions_.to_rewind()) {
    std::erase_if(held_, [number = partition](const MessageHandle& message) {
      return message->partition == number;
    });
    const PartitionsHandle list = kafka::partitions_of(settings_.topic, {{partition, offset}});
    const kafka::ErrorHandle error(
        rd_kafka_seek_partitions(consumer_.get(), list.get(), kBrokerWaitMs));
    const rd_kafka_resp_err_t code =
        error != nullptr ? rd_kafka_error_code(error.get()) : list->elems[0].err;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return tl::make_unexpected(lost("seek", code));
    positions_.mark_rewound(partition);
  }
  handover_.resume();
  return {};
}

MessageHandle KafkaSource::next(Milliseconds wait) {
  if (held_.empty()) return poll(wait);
  MessageHandle message = std::move(held_.front());
  held_.pop_front();
  return message;
}

MessageHandle KafkaSource::poll(Milliseconds wait) {
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(is_interrupted_, false)) wait = Milliseconds(0);
  }
  return MessageHandle(rd_kafka_consumer_poll(consumer_.get(), static_cast<int>(wait.count())));
}

Result<ReadStatus> KafkaSource::read(RecordBatch& batch, Milliseconds wait) {
  batch.reset();
  if (consumer_ == nullptr || is_broken_) {
    if (Result<void> opened = open(); !opened) return pass_on(opened);
  }
  if (Result<void> rewound = rewind(); !rewound) return pass_on(rewound);
  batch.id_prefix = name_ + "/" + settings_.topic + "/";
  batch.attributes = {{"kafka-topic", settings_.topic}};
  batch.token = next_token_;
  positions_.begin_batch(batch.token);
  Result<void> taken;
  MessageHandle message = next(wait);
  while (message != nullptr && taken) {
    taken = take(*message, batch);
    message.reset();
    // An event ends a wait that has found nothing yet: the caller has settlements to look at.
    if (taken && !batch.records.empty() && !is_full(batch)) message = next(Milliseconds(0));
  }
  if (!batch.records.empty()) {
    if (settings_.gives_positions) handover_.add(batch.token, positions_.newest());
    ++next_token_;
    return ReadStatus::batch;
  }
  positions_.drop_newest();
  if (!taken) return pass_on(taken);
  if (!refusal_.empty()) return refused();
  return has_partitions_ && positions_.is_dry() ? ReadStatus::dry : ReadStatus::idle;
}

// librdkafka would try the same credentials for ever; the next consumer reads them again.
Result<ReadStatus> KafkaSource::refused() {
  is_broken_ = true;
  return fail(ErrorKind::source, "kafka: " + std::exchange(refusal_, {}));
}

Result<void> KafkaSource::take(const rd_kafka_message_t& message, RecordBatch& batch) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    positions_.note_end(message.partition);
    return {};
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::make_unexpected(lost(settings_.topic, message.err));
  take_record(message, batch);
  return {};
}

void KafkaSource::take_record(const rd_kafka_message_t& message, RecordBatch& batch) {
  positions_.note_record({message.partition, message.offset});
  batch.records.push_back(
      {static_cast<std::uint32_t>(batch.bytes.size()), static_cast<std::uint32_t>(message.len)});
  batch.bytes.append({static_cast<const std::uint8_t*>(message.payload), message.len});
  batch.ids.push_back(fmt::format("{}/{}", message.partition, message.offset));
  rd_kafka_timestamp_type_t type{};
  const std::int64_t time = rd_kafka_message_timestamp(&message, &type);
  batch.record_times_ms.push_back(type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : time);
  Attributes& attributes = batch.record_attributes.emplace_back();
  if (message.key != nullptr)
    attributes.emplace_back("kafka-key", text_of(message.key, message.key_len));
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    attributes.emplace_back(std::string(kHeaderPrefix) + name, text_of(value, size));
  }
}

bool KafkaSource::is_full(const RecordBatch& batch) const {
  const std::size_t most = records_max_ > 0 ? records_max_ : settings_.batch_records_max;
  return batch.records.size() >= most || batch.bytes.size() >= settings_.batch_bytes_max;
}

Result<void> KafkaSource::settle(const Settlement& settlement) {
  // What was under way when the consumer was closed is with the group again.
  if (consumer_ == nullptr || !positions_.has_batch(settlement.token)) {
    ++settlements_in_doubt_;
    return {};
  }
  positions_.settle(settlement);
  if (settings_.gives_positions) {
    // The publisher has committed what is settled.
    positions_.mark_committed();
    handover_.drop(settlement.token);
  } else if (Result<void> committed = commit(); !committed) {
    return committed;
  }
  if (positions_.has_gone_records()) ++settlements_in_doubt_;
  positions_.drop_batch();
  return {};
}

Result<void> KafkaSource::commit() {
  for (int tries = 0;; ++tries) {
    const auto offsets = positions_.to_commit();
    if (offsets.empty()) return {};
    const PartitionsHandle list = kafka::partitions_of(settings_.topic, offsets);
    const rd_kafka_resp_err_t error = rd_kafka_commit(consumer_.get(), list.get(), 0);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      positions_.mark_committed();
      return {};
    }
    // A rebalance goes on only while somebody polls; what it takes away need not be committed.
    if (!is_of_rebalance(error) || tries >= kRebalanceTries)
      return tl::make_unexpected(lost("commit", error));
    if (MessageHandle message = poll(kRebalanceWait)) held_.push_back(std::move(message));
  }
}

SourceStatus KafkaSource::status() const {
  std::int64_t behind = 0;
  for (const auto& [partition, next] : positions_.read_to()) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    if (consumer_ != nullptr &&
        rd_kafka_get_watermark_offsets(consumer_.get(), settings_.topic.c_str(), partition, &low,
                                       &high) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      behind += std::max<std::int64_t>(0, high - next);
    }
  }
  return {.lag = has_partitions_ ? std::to_string(behind) + " records" : std::string(),
          .settlements_in_doubt = settlements_in_doubt_};
}

}  // namespace copybridge::adapters
