// The option rows of STOMP clients.
#include "bridge/stomp/client.h"

#include <array>

namespace copybridge::stomp {
namespace {

constexpr broker::Protocol kProtocol{"stomp", "stomp", "stomps", 61613, 61614};

constexpr std::array kOptions = {
    OptionSpec{.name = "destination",
               .required = true,
               .help = "The queue or topic, as the broker names it in STOMP: /queue/NAME, "
                       "/topic/NAME, NAME."},
    OptionSpec{.name = "virtual_host",
               .default_value = "/",
               .help = "The header host of the login: the virtual host of RabbitMQ; others do not "
                       "look at it."},
    OptionSpec{.name = "heart_beat_send_ms",
               .type = OptionType::integer,
               .default_value = "10000",
               .help = "The bridge can send something at least so often; 0: not promised. The "
                       "broker may want it more seldom.",
               .max = 3'600'000},
    OptionSpec{.name = "heart_beat_receive_ms",
               .type = OptionType::integer,
               .default_value = "10000",
               .help = "The broker is asked to send something so often; where nothing comes for "
                       "twice as long the connection is lost. 0: not asked.",
               .max = 3'600'000},
    OptionSpec{.name = "message_bytes_max",
               .type = OptionType::integer,
               .default_value = "104857600",
               .help = "Largest message; the source waits at a larger one, the publisher makes a "
                       "dead letter of it.",
               .min = 1,
               .max = 1 << 30},
};

}  // namespace

std::vector<OptionSpec> with_client(std::span<const OptionSpec> own) {
  std::vector<OptionSpec> all(kOptions.begin(), kOptions.end());
  all.insert(all.end(), own.begin(), own.end());
  all.insert(all.end(), std::begin(sockets::kEgressOptions), std::end(sockets::kEgressOptions));
  return broker::with_access(all);
}

ClientSettings read_client(const std::filesystem::path& directory, const Options& options,
                           Diagnostics& diagnostics) {
  ClientSettings settings;
  settings.access = broker::read_access(directory, options, kProtocol, diagnostics);
  settings.egress = sockets::read_egress(options, diagnostics);
  settings.virtual_host = options.text("virtual_host");
  settings.send_every = Milliseconds(options.integer("heart_beat_send_ms"));
  settings.hear_every = Milliseconds(options.integer("heart_beat_receive_ms"));
  settings.destination = options.text("destination");
  settings.message_bytes_max = static_cast<std::size_t>(options.integer("message_bytes_max"));
  if (options.is_given("destination") && settings.destination.empty())
    diagnostics.error(options.where("destination"), "'destination' is empty");
  return settings;
}

}  // namespace copybridge::stomp
