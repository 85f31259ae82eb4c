// CloudEvents 1.0, AMQP protocol binding, and the properties beside it.
#include "bridge/publishers/amqp_message.h"

#include <algorithm>
#include <array>

#include "bridge/amqp/encode.h"
#include "bridge/core/digest.h"
#include "bridge/publishers/cloudevents.h"

namespace copybridge::publishers {
namespace {

constexpr std::string_view kPartitionKey = "x-opt-partition-key";

constexpr std::array kOptions = {
    OptionSpec{.name = "mode",
               .type = OptionType::choice,
               .default_value = "binary",
               .help = "Form of a message: binary = the event's body, CloudEvents attributes in "
                       "application properties; structured = the whole event as CloudEvents JSON; "
                       "plain = the body, and the mapping's attributes as application properties "
                       "under their own names.",
               .choices = "binary|structured|plain"},
    OptionSpec{.name = "body",
               .type = OptionType::choice,
               .default_value = "data",
               .help = "How JSON lies in the message: data = as bytes, text = as a string (a "
                       "TextMessage of JMS); records are always bytes.",
               .choices = "data|text"},
    OptionSpec{.name = "durable",
               .type = OptionType::boolean,
               .default_value = "yes",
               .help = "Whether the broker has to keep messages over a restart."},
    OptionSpec{.name = "priority",
               .type = OptionType::integer,
               .default_value = "4",
               .help = "Priority of messages.",
               .max = 255},
    OptionSpec{.name = "ttl_ms",
               .type = OptionType::integer,
               .default_value = "0",
               .help = "After how many milliseconds the broker may drop a message; 0: never.",
               .max = 0xFFFFFFFF},
    OptionSpec{.name = "group_id",
               .type = OptionType::choice,
               .default_value = "key",
               .help = "The property group-id (JMSXGroupID), by which brokers give messages to one "
                       "consumer: the event's key or none.",
               .choices = "key|none"},
    OptionSpec{.name = "reply_to",
               .help = "The property reply-to: the address that answers are sent to. A route with "
                       "reply reads them there, and all that comes there is for this bridge."},
    OptionSpec{.name = "id_property",
               .help = "An application property that gets the event's id as well, such as "
                       "_AMQ_DUPL_ID, by which Artemis drops repeats."},
    OptionSpec{.name = "properties",
               .type = OptionType::text_map,
               .help = "Further application properties, the same for every message."},
};

pn_bytes_t bytes_of(std::string_view text) { return {text.size(), text.data()}; }

void put_property(pn_data_t* map, std::string_view name, std::string_view value) {
  pn_data_put_string(map, bytes_of(name));
  pn_data_put_string(map, bytes_of(value));
}

}  // namespace

std::span<const OptionSpec> amqp_message_options() { return kOptions; }

AmqpMessageSettings read_amqp_message(const Options& options, Diagnostics& diagnostics) {
  AmqpMessageSettings settings;
  const std::string& mode = options.text("mode");
  if (mode == "structured") settings.form = AmqpForm::structured;
  if (mode == "plain") settings.form = AmqpForm::plain;
  settings.is_text = options.text("body") == "text";
  settings.is_durable = options.boolean("durable");
  settings.priority = options.integer("priority");
  settings.ttl_ms = static_cast<std::uint32_t>(options.integer("ttl_ms"));
  settings.has_group = options.text("group_id") == "key";
  settings.reply_to = options.text("reply_to");
  settings.id_property = options.text("id_property");
  settings.properties = options.map("properties");
  for (const auto& [name, value] : settings.properties) {
    if (Secret::is_reference(value)) {
      diagnostics.error(options.where("properties"),
                        "'properties': '" + name + "' would send a secret with every message");
    }
  }
  return settings;
}

AmqpMessageWriter::AmqpMessageWriter(AmqpMessageSettings settings, std::string address)
    : settings_(std::move(settings)), address_(std::move(address)), message_(pn_message()) {}

std::string_view AmqpMessageWriter::write(const Event& event, const AmqpRequest* request) {
  pn_message_t* const message = message_.get();
  begin(event);
  pn_message_set_priority(message, static_cast<std::uint8_t>(settings_.priority));
  pn_message_set_ttl(message, request == nullptr ? settings_.ttl_ms : request->ttl_ms);
  if (request != nullptr)
    pn_data_put_string(pn_message_correlation_id(message), bytes_of(event.id));
  if (!settings_.reply_to.empty()) pn_message_set_reply_to(message, settings_.reply_to.c_str());
  if (!event.subject.empty()) pn_message_set_subject(message, text(event.subject));
  const bool is_structured = settings_.form == AmqpForm::structured;
  pn_message_set_content_type(message,
                              text(is_structured ? kStructuredType : content_type_of(event)));
  write_properties(event);
  write_body(event);
  return copybridge::amqp::encode(*message, encoded_);
}

std::string_view AmqpMessageWriter::write_envelope(const Event& event) {
  begin(event);
  return copybridge::amqp::encode(*message_, encoded_);
}

void AmqpMessageWriter::begin(const Event& event) {
  pn_message_t* const message = message_.get();
  pn_message_clear(message);
  pn_message_set_durable(message, settings_.is_durable);
  pn_data_put_string(pn_message_id(message), bytes_of(short_id(event.id)));
  if (!address_.empty()) pn_message_set_address(message, address_.c_str());
  if (event.key.empty()) return;
  const std::string_view key = short_id(event.key);
  if (settings_.has_group) pn_message_set_group_id(message, text(key));
  if (!settings_.has_partition_key) return;
  pn_data_t* const map = pn_message_annotations(message);
  pn_data_put_map(map);
  pn_data_enter(map);
  pn_data_put_symbol(map, bytes_of(kPartitionKey));
  pn_data_put_string(map, bytes_of(key));
  pn_data_exit(map);
}

std::string_view AmqpMessageWriter::short_id(std::string_view id) {
  if (settings_.id_bytes_max == 0 || id.size() <= settings_.id_bytes_max) return id;
  hash_ = hex(sha256(id));
  return hash_;
}

void AmqpMessageWriter::write_properties(const Event& event) {
  pn_data_t* const map = pn_message_properties(message_.get());
  pn_data_put_map(map);
  pn_data_enter(map);
  if (settings_.form == AmqpForm::binary) {
    for_each_attribute(event, [&](const Attribute& attribute) {
      put_property(map, text_.assign(settings_.prefix).append(attribute.name), attribute.value);
    });
  }
  if (settings_.form == AmqpForm::plain) {
    for (const Attribute& attribute : event.extensions)
      if (!attribute.value.empty()) put_property(map, attribute.name, attribute.value);
  }
  for_each_trace_field(event,
                       [&](const Attribute& field) { put_property(map, field.name, field.value); });
  if (!settings_.id_property.empty()) put_property(map, settings_.id_property, event.id);
  for (const auto& [name, value] : settings_.properties) put_property(map, name, value);
  pn_data_exit(map);
}

void AmqpMessageWriter::write_body(const Event& event) {
  std::string_view body = settings_.form == AmqpForm::binary ? data_of(event) : event.body;
  if (settings_.form == AmqpForm::structured) {
    text_.clear();
    append_structured(text_, event);
    body = text_;
  }
  const bool is_text =
      settings_.is_text && (!event.is_record || settings_.form == AmqpForm::structured);
  pn_message_set_inferred(message_.get(), !is_text);
  pn_data_t* const data = pn_message_body(message_.get());
  if (is_text) {
    pn_data_put_string(data, bytes_of(body));
  } else {
    pn_data_put_binary(data, bytes_of(body));
  }
}

}  // namespace copybridge::publishers
