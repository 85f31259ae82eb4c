// What the publisher `ibm-mq` makes of an event: a message descriptor, and a body with the header
// that bridges of IMS and CICS, or readers of properties, want before it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/ibm_mq/mqi.h"
#include "bridge/core/options.h"
#include "bridge/publishers/publisher.h"
#include "codecs/charset/code_page.h"

namespace copybridge::publishers {

enum class MqHeader : std::uint8_t { none, rfh2, ims, cics };
enum class MqCorrelId : std::uint8_t { event_id, none, new_session };

/// What of a message's context the putter says, with the authority to (SETID, SETALL).
enum class MqContext : std::uint8_t { by_default, none, identity, all };

/// The origin context, and the accounting token; empty, zero: the bridge itself, now.
struct MqOrigin {
  mqi::Bytes<32> accounting_token{};
  mqi::Long put_appl_type = 0;
  std::string put_appl_name;
  std::string put_date;
  std::string put_time;
  std::string appl_origin_data;
};

/// How messages are made. Nothing in `format`, `ccsid`, `encoding`: as the body is JSON or a
/// record.
struct MqMessageSettings {
  std::optional<std::string> format;
  mqi::Long ccsid = 0;
  mqi::Long encoding = 0;
  mqi::Long persistence = mqi::persistence::kPersistent;
  mqi::Long expiry = mqi::kExpiryUnlimited;  ///< tenths of a second
  mqi::Long priority = -1;
  mqi::Long message_type = mqi::msg_type::kDatagram;
  std::string reply_to_queue;
  std::string reply_to_queue_manager;
  std::string user_identifier;
  std::string application_identity_data;
  MqContext context = MqContext::by_default;
  MqOrigin origin;
  MqCorrelId correl_id = MqCorrelId::event_id;
  MqHeader header = MqHeader::none;
  std::string transaction;  ///< of IMS, CICS
  std::string program;      ///< of CICS
  std::string logical_terminal;
  std::string map_name;
  std::string reply_format;
  char commit_mode = '0';
  /// For the header's characters and what the bridges read of the body.
  std::shared_ptr<const charset::CodePage> record_page;
  std::shared_ptr<const charset::CodePage> json_page;
};

[[nodiscard]] std::vector<OptionSpec> mq_message_options();
[[nodiscard]] MqMessageSettings read_mq_message(const Options& options, Diagnostics& diagnostics);

/// MsgId and CorrelId of an event: the same whenever it is sent.
[[nodiscard]] mqi::Id mq_id(std::string_view event_id);

/// Options of MQOPEN and of MQPUT that let a message have its context.
[[nodiscard]] mqi::Long open_options_of(MqContext context);
[[nodiscard]] mqi::Long put_options_of(MqContext context);

/// Fills the descriptor and `body`. Returns why the event cannot be such a message, empty: it can.
[[nodiscard]] std::string make_mq_message(const MqMessageSettings& general, const Event& event,
                                          mqi::MQMD& descriptor, std::string& body);

}  // namespace copybridge::publishers
