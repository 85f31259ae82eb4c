// A queue of IBM MQ behind the REST API for messaging of its mqweb server: what the adapter and the
// publisher share. IBM MQ documentation, "REST API: messaging".
#pragma once

#include <string>
#include <string_view>

#include "bridge/core/options.h"
#include "bridge/http/client.h"
#include "bridge/http/credentials.h"

namespace copybridge::mqweb {

inline constexpr OptionSpec kQueueOptions[] = {
    {.name = "url",
     .type = OptionType::text,
     .required = true,
     .help = "Address of the mqweb server, as https://host:9443."},
    {.name = "queue_manager",
     .type = OptionType::text,
     .required = true,
     .help = "Name of the queue manager."},
    {.name = "queue", .type = OptionType::text, .required = true, .help = "Name of the queue."},
    {.name = "user", .type = OptionType::text, .help = "User in the role MQWebUser."},
    {.name = "password",
     .type = OptionType::secret,
     .help = "Password of the user; read again when the server refuses."},
    {.name = "api_version",
     .type = OptionType::integer,
     .default_value = "2",
     .help = "Version of the REST API: 2 from MQ 9.1.5 on, 3 from 9.2.5 on.",
     .min = 2,
     .max = 3}};

struct Queue {
  std::string queue_manager;
  std::string name;
  std::string resource;  ///< URL of the queue, without credentials
  http::CredentialSource::References login;
};

/// Reads the rows; mistakes go to `diagnostics`.
[[nodiscard]] Queue read_queue(const Options& options, Diagnostics& diagnostics);

/// A call without credentials; `tail` follows the queue's resource: `/message?messageId=…`.
[[nodiscard]] http::Call make_call(const Queue& queue, std::string method, std::string_view tail);

/// MQWBnnnnE and the text that the server's answer has; empty where it has none.
[[nodiscard]] std::string details_of(std::string_view body);

}  // namespace copybridge::mqweb
