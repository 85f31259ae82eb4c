// The calls to librdkafka.
#include "bridge/publishers/kafka_producer.h"

#include <algorithm>
#include <array>

#include "bridge/publishers/cloudevents.h"

namespace copybridge::publishers {
namespace {

using kafka::make_client;
using kafka::set_own;
using kafka::set_properties;

using Values = kafka::Properties;

/// Longer than an attempt takes; the broker takes a transaction back by itself only after a crash
/// of this machine.
std::string transaction_timeout(const KafkaSettings& settings) {
  return std::to_string(
      std::clamp(settings.delivery_timeout * 2, Milliseconds{60'000}, Milliseconds{900'000})
          .count());
}

Values own_values(const KafkaSettings& settings, bool is_alone) {
  Values values = {{"bootstrap.servers", settings.brokers},
                   {"client.id", "copybridge"},
                   {"enable.idempotence", "true"},
                   {"acks", "all"},
                   // The same partition for a key as Java's clients.
                   {"partitioner", "murmur2_random"}};
  if (!settings.transactional_id.empty()) {
    values.emplace_back("transactional.id", settings.transactional_id);
    values.emplace_back("transaction.timeout.ms", transaction_timeout(settings));
    return values;
  }
  // The publisher's own clock decides, for all messages at once: librdkafka would let later
  // messages pass those that have timed out.
  values.emplace_back("message.timeout.ms", "0");
  // Twice librdkafka's own: fuller batches take less processor time, and a window of batches still
  // comes back soon enough to keep the source going.
  values.emplace_back("queue.buffering.max.ms", "10");
  // A message that fails stops the producer instead of letting its successors pass.
  if (!is_alone) values.emplace_back("enable.gapless.guarantee", "true");
  return values;
}

Values reader_values(const KafkaSettings& settings, const std::string& group) {
  return {{"bootstrap.servers", settings.brokers},
          // librdkafka assigns nothing without one; nothing is committed under it.
          {"group.id", group},
          {"enable.auto.commit", "false"},
          {"isolation.level", "read_committed"},
          {"enable.partition.eof", "true"}};
}

void report_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  const bool is_persisted = rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_PERSISTED;
  auto& reports = static_cast<KafkaReports&>(*static_cast<kafka::ClientReports*>(opaque));
  reports.delivered(message->_private, message->err, is_persisted);
}

rd_kafka_vu_t memory(rd_kafka_vtype_t type, std::string_view bytes) {
  rd_kafka_vu_t unit{};
  unit.vtype = type;
  // librdkafka reads only, but its interface does not say so.
  unit.u.mem.ptr = const_cast<char*>(bytes.data());
  unit.u.mem.size = bytes.size();
  return unit;
}

void add_header(rd_kafka_headers_t* headers, std::string_view name, std::string_view value) {
  rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                      static_cast<ssize_t>(value.size()));
}

HeadersHandle headers_of(const Event& event, bool is_structured, bool is_avro) {
  HeadersHandle headers(rd_kafka_headers_new(8));
  const std::string_view type = is_avro && !event.is_reference ? kAvroType : content_type_of(event);
  add_header(headers.get(), "content-type", is_structured ? kStructuredType : type);
  for_each_trace_field(
      event, [&](const Attribute& field) { add_header(headers.get(), field.name, field.value); });
  if (is_structured) return headers;
  // Kafka binding 3.2.3.1.
  constexpr std::string_view kPrefix = "ce_";
  std::string name(kPrefix);
  for_each_attribute(event, [&](const Attribute& attribute) {
    name.resize(kPrefix.size());
    name += attribute.name;
    add_header(headers.get(), name, attribute.value);
  });
  return headers;
}

/// Units of rd_kafka_produceva.
class Message {
 public:
  void add(const rd_kafka_vu_t& unit) { units_[count_++] = unit; }
  /// Sends it with these headers. They are given as a list of ours: of one that it makes itself
  /// librdkafka 2.0.2 frees the parts twice where the topic is known not to exist (issue 4627).
  rd_kafka_resp_err_t produce(rd_kafka_t* producer, HeadersHandle headers) {
    if (headers != nullptr) {
      rd_kafka_vu_t unit{};
      unit.vtype = RD_KAFKA_VTYPE_HEADERS;
      unit.u.headers = headers.get();
      add(unit);
    }
    rd_kafka_error_t* error = rd_kafka_produceva(producer, units_.data(), count_);
    if (error == nullptr) {
      // The message owns them now.
      static_cast<void>(headers.release());
      return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
  }

 private:
  std::array<rd_kafka_vu_t, 8> units_;
  std::size_t count_ = 0;
};

}  // namespace

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::make(const KafkaSettings& settings,
                                                           bool is_alone, KafkaReports& reports) {
  ConfHandle conf(rd_kafka_conf_new());
  Result<void> done = set_own(conf.get(), own_values(settings, is_alone));
  if (done) done = set_properties(conf.get(), settings.properties);
  if (done && is_alone) done = set_own(conf.get(), {{"batch.num.messages", "1"}});
  if (!done) return pass_on(done);
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &report_delivery);
  Result<ClientHandle> client = make_client(RD_KAFKA_PRODUCER, std::move(conf), reports,
                                            settings.login.get(), settings.interface);
  if (!client) return pass_on(client);
  std::unique_ptr<KafkaProducer> result(
      new KafkaProducer(settings.is_structured, settings.avro != nullptr));
  result->producer_ = std::move(*client);
  result->topic_.reset(
      rd_kafka_topic_new(result->producer_.get(), settings.topic.c_str(), nullptr));
  if (result->topic_ == nullptr) {
    return fail(ErrorKind::config, "kafka: topic " + settings.topic + " is not accepted: " +
                                       rd_kafka_err2str(rd_kafka_last_error()));
  }
  result->queue_.reset(rd_kafka_queue_get_main(result->producer_.get()));
  return result;
}

rd_kafka_resp_err_t KafkaProducer::produce(const Event& event, std::string_view payload,
                                           void* opaque) {
  Message message;
  rd_kafka_vu_t unit{};
  unit.vtype = RD_KAFKA_VTYPE_RKT;
  unit.u.rkt = topic_.get();
  message.add(unit);
  unit.vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  unit.u.i = 0;  // Neither copied nor freed.
  message.add(unit);
  unit.vtype = RD_KAFKA_VTYPE_OPAQUE;
  unit.u.ptr = opaque;
  message.add(unit);
  message.add(memory(RD_KAFKA_VTYPE_VALUE, payload));
  if (!event.key.empty()) message.add(memory(RD_KAFKA_VTYPE_KEY, event.key));
  return message.produce(producer_.get(), headers_of(event, is_structured_, is_avro_));
}

rd_kafka_resp_err_t KafkaProducer::produce_record(const std::string& topic, std::string_view key,
                                                  std::optional<std::string_view> value) {
  Message message;
  rd_kafka_vu_t unit{};
  unit.vtype = RD_KAFKA_VTYPE_TOPIC;
  unit.u.cstr = topic.c_str();
  message.add(unit);
  unit.vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  unit.u.i = RD_KAFKA_MSG_F_COPY;
  message.add(unit);
  if (value) message.add(memory(RD_KAFKA_VTYPE_VALUE, *value));
  message.add(memory(RD_KAFKA_VTYPE_KEY, key));
  return message.produce(producer_.get(), HeadersHandle(rd_kafka_headers_new(0)));
}

ErrorHandle KafkaProducer::init_transactions(Milliseconds limit) {
  return ErrorHandle(rd_kafka_init_transactions(producer_.get(), static_cast<int>(limit.count())));
}

ErrorHandle KafkaProducer::begin_transaction() {
  return ErrorHandle(rd_kafka_begin_transaction(producer_.get()));
}

ErrorHandle KafkaProducer::send_offsets(const kafka::GroupPosition& position, Milliseconds limit) {
  const PartitionsHandle offsets = position.partitions();
  const kafka::GroupMetadataHandle group = position.group_metadata();
  return ErrorHandle(rd_kafka_send_offsets_to_transaction(
      producer_.get(), offsets.get(), group.get(), static_cast<int>(limit.count())));
}

ErrorHandle KafkaProducer::commit_transaction(Milliseconds limit) {
  return ErrorHandle(rd_kafka_commit_transaction(producer_.get(), static_cast<int>(limit.count())));
}

ErrorHandle KafkaProducer::abort_transaction(Milliseconds limit) {
  return ErrorHandle(rd_kafka_abort_transaction(producer_.get(), static_cast<int>(limit.count())));
}

void KafkaProducer::poll(Milliseconds wait) {
  rd_kafka_poll(producer_.get(), static_cast<int>(wait.count()));
}

void KafkaProducer::wake() { rd_kafka_queue_yield(queue_.get()); }

void KafkaProducer::purge() {
  rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

Result<ClientHandle> make_reader(const KafkaSettings& settings, const std::string& group,
                                 KafkaReports& reports) {
  ConfHandle conf(rd_kafka_conf_new());
  Result<void> done = set_properties(conf.get(), settings.properties);
  if (done) done = set_own(conf.get(), reader_values(settings, group));
  if (!done) return pass_on(done);
  return make_client(RD_KAFKA_CONSUMER, std::move(conf), reports, settings.login.get(),
                     settings.interface);
}

}  // namespace copybridge::publishers
