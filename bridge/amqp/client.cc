// The option rows of AMQP clients and the checks a table cannot make.
#include "bridge/amqp/client.h"

#include <algorithm>
#include <array>
#include <random>

namespace copybridge::amqp {
namespace {

constexpr broker::Protocol kProtocol{"amqp", "amqp", "amqps", 5672, 5671};

constexpr std::array kOptions = {
    OptionSpec{.name = "address",
               .required = true,
               .help = "The queue or topic, as the broker names it in AMQP 1.0."},
    OptionSpec{.name = "capabilities",
               .type = OptionType::text_list,
               .help = "Capabilities that the link asks of the address, such as queue, without "
                       "which IBM MQ's AMQP channel takes it for a topic."},
    OptionSpec{.name = "sasl",
               .type = OptionType::choice,
               .default_value = "auto",
               .help = "How the bridge says who it is: plain = user and password, external = its "
                       "certificate, anonymous; auto = plain where there is a user, external "
                       "where there is a certificate, else anonymous.",
               .choices = "auto|plain|external|anonymous"},
    OptionSpec{.name = "container_id",
               .help = "The name that the broker knows the connection by, no two at a time the "
                       "same (IBM MQ: client identifier); without it one that is made up."},
    OptionSpec{.name = "virtual_host",
               .help = "The host name in the connection's opening, where it is not the server's "
                       "(RabbitMQ: vhost:NAME)."},
    OptionSpec{.name = "heartbeat_s",
               .type = OptionType::integer,
               .default_value = "30",
               .help = "A connection on which nothing comes for so long is lost; the broker is "
                       "asked to send something within half of it.",
               .min = 1,
               .max = 86'400},
};

std::string mechanism_of(const ClientSettings& settings, const Options& options,
                         Diagnostics& diagnostics) {
  const std::string& word = options.text("sasl");
  const bool has_user = !settings.access.user.empty();
  const bool has_certificate = !settings.access.client_certificate.empty();
  if (word == "plain" && !has_user) {
    diagnostics.error(options.where("sasl"), "'sasl: plain' needs 'user' and 'password'");
  }
  if (word == "external" && !has_certificate) {
    diagnostics.error(options.where("sasl"), "'sasl: external' needs 'client_certificate'");
  }
  if (has_user && (word == "external" || word == "anonymous")) {
    diagnostics.error(options.where("user"), "'user' says nothing with 'sasl: " + word + "'");
  }
  if (word == "plain" || (word == "auto" && has_user)) return "PLAIN";
  return word == "external" || (word == "auto" && has_certificate) ? "EXTERNAL" : "ANONYMOUS";
}

}  // namespace

std::string made_up_container_id(const std::string& component) {
  std::random_device random;
  return "copybridge-" + component + "-" + std::to_string(random());
}

std::vector<OptionSpec> with_client(std::span<const OptionSpec> own) {
  std::vector<OptionSpec> all(own.begin(), own.end());
  all.insert(all.begin(), kOptions.begin(), kOptions.end());
  all.insert(all.end(), std::begin(sockets::kEgressOptions), std::end(sockets::kEgressOptions));
  return broker::with_access(all);
}

ClientSettings read_client(const std::string& name, const std::filesystem::path& directory,
                           const Options& options, Diagnostics& diagnostics) {
  ClientSettings settings;
  settings.access = broker::read_access(directory, options, kProtocol, diagnostics);
  settings.egress = sockets::read_egress(options, diagnostics);
  settings.mechanism = mechanism_of(settings, options, diagnostics);
  settings.container_id = options.text("container_id");
  if (settings.container_id.empty()) settings.container_id = made_up_container_id(name);
  settings.virtual_host = options.text("virtual_host");
  settings.heartbeat = std::chrono::seconds(options.integer("heartbeat_s"));
  settings.address = options.text("address");
  settings.capabilities = options.list("capabilities");
  if (options.is_given("address") && settings.address.empty())
    diagnostics.error(options.where("address"), "'address' is empty");
  if (std::ranges::count(settings.capabilities, std::string()) > 0)
    diagnostics.error(options.where("capabilities"), "'capabilities' has an empty name");
  return settings;
}

}  // namespace copybridge::amqp
