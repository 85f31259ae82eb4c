// Properties, checks and callbacks of librdkafka's clients.
#include "bridge/kafka/client.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "bridge/sockets/egress.h"

namespace copybridge::kafka {
namespace {

using ErrorText = std::array<char, 512>;

constexpr std::array<std::string_view, 6> kSecretProperties = {"sasl.oauthbearer.client.secret",
                                                               "sasl.oauthbearer.config",
                                                               "sasl.password",
                                                               "ssl.key.password",
                                                               "ssl.key.pem",
                                                               "ssl.keystore.password"};

/// The reason why librdkafka does not take a value; empty where it does.
std::string set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  ErrorText text{};
  const rd_kafka_conf_res_t result =
      rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size());
  return result == RD_KAFKA_CONF_OK ? std::string() : std::string(text.data());
}

ClientReports& reports_of(void* opaque) { return *static_cast<ClientReports*>(opaque); }

void report_error(rd_kafka_t* producer, int error, const char* reason, void* opaque) {
  auto code = static_cast<rd_kafka_resp_err_t>(error);
  // To librdkafka every token that cannot be had is a refusal.
  if (std::string_view(reason).find(kTokenAway) != std::string_view::npos) {
    code = RD_KAFKA_RESP_ERR__TRANSPORT;
  }
  Login* const login = reports_of(opaque).login;
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION && login != nullptr) login->drop();
  if (code != RD_KAFKA_RESP_ERR__FATAL) return reports_of(opaque).failed(code, reason, false);
  ErrorText text{};
  const rd_kafka_resp_err_t cause = rd_kafka_fatal_error(producer, text.data(), text.size());
  reports_of(opaque).failed(cause, text.data(), true);
}

void report_log(const rd_kafka_t* producer, int, const char* facility, const char* text) {
  reports_of(rd_kafka_opaque(producer)).said(std::string(facility) + ": " + text);
}

/// On a thread of librdkafka, whose socket does not wait.
int connect_from_interface(int socket, const sockaddr* address, int size, const char*,
                           void* opaque) {
  const std::string& interface = reports_of(opaque).interface;
  if (const int error = sockets::bind_to(socket, address->sa_family, interface); error != 0)
    return error;
  const int connected = ::connect(socket, address, static_cast<socklen_t>(size));
  return connected == 0 || errno == EINPROGRESS ? 0 : errno;
}

}  // namespace

std::string brokers_of(const Options& options) {
  std::string text;
  for (const std::string& word : options.list(kBrokersOption.name))
    text += (text.empty() ? "" : ",") + word;
  return text;
}

void check_client(const Options& options, std::span<const std::string_view> own,
                  Diagnostics& diagnostics) {
  for (const ConfigMember& member : options.node(kPropertiesOption.name).members) {
    const std::string mistake = mistake_of_property(member.key, member.value.scalar, own);
    if (!mistake.empty())
      diagnostics.error(member.where, "'properties': '" + member.key + "' " + mistake);
  }
  if (options.is_given(kBrokersOption.name) && brokers_of(options).empty())
    diagnostics.error(options.where(kBrokersOption.name), "'brokers' names no broker");
}

std::string_view given_property(const Options& options, std::string_view name) {
  const ConfigNode* node = options.node(kPropertiesOption.name).find(name);
  return node == nullptr ? std::string_view() : std::string_view(node->scalar);
}

std::string mistake_of_property(const std::string& name, const std::string& value,
                                std::span<const std::string_view> own) {
  if (std::ranges::find(own, name) != own.end()) return "is set by the component itself";
  const ConfHandle conf(rd_kafka_conf_new());
  if (Secret::is_reference(value)) {
    // The value is not at hand here; any other tells whether the name is known.
    const bool is_unknown =
        rd_kafka_conf_set(conf.get(), name.c_str(), "1", nullptr, 0) == RD_KAFKA_CONF_UNKNOWN;
    return is_unknown ? "is not known to librdkafka" : "";
  }
  if (std::ranges::find(kSecretProperties, name) != kSecretProperties.end()) {
    return "holds a secret in plain text; write ${env:NAME} or ${file:PATH}";
  }
  const std::string mistake = set(conf.get(), name, value);
  return mistake.empty() ? "" : "is not accepted: " + mistake;
}

void check_name(const Options& options, std::string_view option, std::size_t size_max,
                Diagnostics& diagnostics) {
  if (!options.is_given(option)) return;
  const std::string& name = options.text(option);
  const bool is_name = !name.empty() && name.size() <= size_max && name != "." && name != ".." &&
                       name.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
                           "YZ0123456789._-") == std::string::npos;
  if (is_name) return;
  diagnostics.error(options.where(option),
                    "'" + std::string(option) + "' is not a name that Kafka takes",
                    "up to " + std::to_string(size_max) + " letters, digits, '.', '_' and '-'");
}

Result<void> set_own(rd_kafka_conf_t* conf, const Properties& values) {
  for (const auto& [name, value] : values) {
    if (const std::string mistake = set(conf, name, value); !mistake.empty()) {
      return fail(ErrorKind::config, "kafka: " + mistake);
    }
  }
  return {};
}

Result<void> set_properties(rd_kafka_conf_t* conf, const Properties& properties) {
  for (const auto& [name, reference] : properties) {
    const Result<std::string> value = Secret(reference).resolve();
    if (!value) return pass_on(value);
    // librdkafka's text may repeat the value, which may be a secret.
    if (const std::string mistake = set(conf, name, *value); !mistake.empty()) {
      return fail(ErrorKind::config, "kafka: property " + name + " is not accepted");
    }
  }
  return {};
}

void leave_login(rd_kafka_t* client) {
  auto* const reports = static_cast<ClientReports*>(rd_kafka_opaque(client));
  if (reports != nullptr && reports->login != nullptr) reports->login->remove(client);
}

Result<ClientHandle> make_client(rd_kafka_type_t type, ConfHandle conf, ClientReports& reports,
                                 Login* login, const std::string& interface) {
  if (login != nullptr) {
    if (const Result<void> opened = login->open(); !opened) return pass_on(opened);
    Login::set_up(conf.get());
  }
  reports.login = login;
  reports.interface = interface;
  if (!interface.empty()) rd_kafka_conf_set_connect_cb(conf.get(), &connect_from_interface);
  rd_kafka_conf_set_opaque(conf.get(), &reports);
  rd_kafka_conf_set_error_cb(conf.get(), &report_error);
  rd_kafka_conf_set_log_cb(conf.get(), &report_log);
  ErrorText text{};
  ClientHandle client(rd_kafka_new(type, conf.get(), text.data(), text.size()));
  if (client == nullptr) return fail(ErrorKind::config, std::string("kafka: ") + text.data());
  static_cast<void>(conf.release());
  if (login == nullptr) return client;
  if (const Result<void> added = login->add(client.get()); !added) return pass_on(added);
  return client;
}

}  // namespace copybridge::kafka
