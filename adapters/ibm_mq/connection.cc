// MQCONNX with the lowest structure versions that the options need, and the other calls.
#include "adapters/ibm_mq/connection.h"

#include <algorithm>
#include <utility>

namespace copybridge::adapters::ibm_mq {
namespace {

using mqi::Long;

Long length_of(const std::string& text) { return static_cast<Long>(text.size()); }
void raise_version(mqi::MQCNO& options, Long version) {
  options.version = std::max(options.version, version);
}

}  // namespace

/// MQCSP and the texts it points to.
struct Connection::Credentials {
  mqi::MQCSP parameters;
  std::string user;
  std::string secret;

  Result<bool> fill(const ConnectionSettings& settings) {
    const bool has_token = !settings.token.is_empty();
    if (!has_token && settings.user.empty()) return false;
    Result<std::string> resolved =
        has_token ? settings.token.resolve() : settings.password.resolve();
    if (!resolved) return pass_on(resolved);
    secret = std::move(*resolved);
    user = settings.user;
    if (has_token) {
      parameters.version = 3;
      parameters.authentication_type = mqi::csp::kAuthIdToken;
      parameters.token_ptr = secret.data();
      parameters.token_length = length_of(secret);
      return true;
    }
    parameters.authentication_type = mqi::csp::kAuthUserIdAndPwd;
    parameters.csp_user_id_ptr = user.data();
    parameters.csp_user_id_length = length_of(user);
    parameters.csp_password_ptr = secret.data();
    parameters.csp_password_length = length_of(secret);
    return true;
  }
};

/// MQSCO and the text it points to.
struct Connection::Tls {
  mqi::MQSCO options;
  std::string password;

  Result<bool> fill(const ConnectionSettings& settings) {
    const bool has_password = !settings.key_repository_password.is_empty();
    if (settings.key_repository.empty() && settings.certificate_label.empty() && !has_password) {
      return false;
    }
    assign(options.key_repository, settings.key_repository);
    if (!settings.certificate_label.empty()) {
      options.version = 5;
      assign(options.certificate_label, settings.certificate_label);
    }
    if (!has_password) return true;
    Result<std::string> resolved = settings.key_repository_password.resolve();
    if (!resolved) return pass_on(resolved);
    password = std::move(*resolved);
    options.version = 6;
    if (settings.certificate_label.empty()) options.certificate_label.fill(' ');
    options.key_repo_password_ptr = password.data();
    options.key_repo_password_length = length_of(password);
    return true;
  }
};

void Connection::fill_channel(mqi::MQCD& channel) const {
  assign(channel.channel_name, settings_.channel);
  assign(channel.connection_name, settings_.connection);
  channel.max_msg_length = kMessageBytesMax;
  channel.heartbeat_interval = settings_.heartbeat_s;
  if (settings_.cipher.empty()) return;
  channel.version = 7;
  channel.struc_length = mqi::MQCD::kLengthV7;
  assign(channel.ssl_cipher_spec, settings_.cipher);
  if (settings_.peer_name.empty()) return;
  // The library only reads it.
  channel.ssl_peer_name_ptr = const_cast<char*>(settings_.peer_name.data());
  channel.ssl_peer_name_length = length_of(settings_.peer_name);
}

Result<Outcome> Connection::connect_with(mqi::MQCNO& options) {
  // Opened by one thread, used by another, one at a time.
  options.options = mqi::cno::kHandleShareBlock;
  mqi::MQCD channel;
  if (!settings_.connection.empty()) {
    fill_channel(channel);
    raise_version(options, 2);
    options.client_conn_ptr = &channel;
  }
  if (!settings_.ccdt.empty()) {
    raise_version(options, 6);
    options.ccdt_url_ptr = const_cast<char*>(settings_.ccdt.data());
    options.ccdt_url_length = length_of(settings_.ccdt);
  }
  if (options.version > 1) {
    // A library that reconnects by itself would hide that the unit of work is gone.
    options.options |= mqi::cno::kClientBinding | mqi::cno::kReconnectDisabled;
  }
  Tls tls;
  const Result<bool> has_tls = tls.fill(settings_);
  if (!has_tls) return pass_on(has_tls);
  if (*has_tls) {
    raise_version(options, 4);
    options.ssl_config_ptr = &tls.options;
  }
  Credentials credentials;
  const Result<bool> has_credentials = credentials.fill(settings_);
  if (!has_credentials) return pass_on(has_credentials);
  if (*has_credentials) {
    raise_version(options, 5);
    options.security_parms_ptr = &credentials.parameters;
  }
  if (!settings_.application_name.empty()) {
    raise_version(options, 7);
    assign(options.appl_name, settings_.application_name);
  }
  mqi::ObjectName name;
  assign(name, settings_.queue_manager);
  Outcome outcome;
  library_->connect(name.data(), &options, &handle_, &outcome.completion, &outcome.reason);
  return outcome;
}

Result<void> Connection::connect() {
  disconnect();
  const Result<const Library*> library = Library::load(settings_.library);
  if (!library) return pass_on(library);
  library_ = *library;
  mqi::MQCNO options;
  const Result<Outcome> outcome = connect_with(options);
  if (!outcome) return pass_on(outcome);
  if (outcome->completion != mqi::cc::kFailed) return {};
  handle_ = mqi::kUnusableHconn;
  return tl::make_unexpected(error("MQCONNX", {}, outcome->reason));
}

void Connection::disconnect() {
  if (!is_connected()) return;
  Outcome outcome;
  library_->back_out(handle_, &outcome.completion, &outcome.reason);
  library_->disconnect(&handle_, &outcome.completion, &outcome.reason);
  handle_ = mqi::kUnusableHconn;
}

Result<OpenQueue> Connection::open(const std::string& queue, const std::string& queue_manager,
                                   Long options) {
  mqi::MQOD descriptor;
  descriptor.version = 3;
  assign(descriptor.object_name, queue);
  assign(descriptor.object_q_mgr_name, queue_manager);
  OpenQueue opened;
  Outcome outcome;
  library_->open(handle_, &descriptor, options | mqi::oo::kFailIfQuiescing, &opened.handle,
                 &outcome.completion, &outcome.reason);
  if (outcome.completion == mqi::cc::kFailed) {
    return tl::make_unexpected(error("MQOPEN", queue, outcome.reason));
  }
  opened.name = text_of(descriptor.resolved_q_name);
  opened.queue_manager = text_of(descriptor.resolved_q_mgr_name);
  if (opened.name.empty()) opened.name = queue;
  if (opened.queue_manager.empty()) opened.queue_manager = settings_.queue_manager;
  return opened;
}

void Connection::close(OpenQueue& queue) {
  if (queue.handle == mqi::kUnusableHobj || !is_connected()) return;
  Outcome outcome;
  library_->close(handle_, &queue.handle, mqi::co::kNone, &outcome.completion, &outcome.reason);
  queue.handle = mqi::kUnusableHobj;
}

Outcome Connection::get(const OpenQueue& queue, mqi::MQMD& descriptor, mqi::MQGMO& options,
                        std::span<std::uint8_t> buffer, std::size_t& size) {
  Outcome outcome;
  Long length = 0;
  library_->get(handle_, queue.handle, &descriptor, &options, static_cast<Long>(buffer.size()),
                buffer.data(), &length, &outcome.completion, &outcome.reason);
  const bool has_length = outcome.completion != mqi::cc::kFailed && length > 0;
  size = has_length ? static_cast<std::size_t>(length) : 0;
  return outcome;
}

Outcome Connection::put(const OpenQueue& queue, mqi::MQMD& descriptor, mqi::MQPMO& options,
                        std::span<const std::uint8_t> body) {
  Outcome outcome;
  library_->put(handle_, queue.handle, &descriptor, &options, static_cast<Long>(body.size()),
                body.data(), &outcome.completion, &outcome.reason);
  return outcome;
}

Outcome Connection::commit() {
  Outcome outcome;
  library_->commit(handle_, &outcome.completion, &outcome.reason);
  return outcome;
}

Outcome Connection::back_out() {
  Outcome outcome;
  library_->back_out(handle_, &outcome.completion, &outcome.reason);
  return outcome;
}

Outcome Connection::inquire(const OpenQueue& queue, std::span<const Long> selectors,
                            std::span<Long> integers, std::span<char> characters) {
  Outcome outcome;
  library_->inquire(handle_, queue.handle, static_cast<Long>(selectors.size()), selectors.data(),
                    static_cast<Long>(integers.size()), integers.data(),
                    static_cast<Long>(characters.size()), characters.data(), &outcome.completion,
                    &outcome.reason);
  return outcome;
}

Error Connection::error(std::string_view verb, std::string_view queue, Long reason) const {
  const bool is_config = reason_of(reason).reaction == Reaction::configure;
  return {is_config ? ErrorKind::config : ErrorKind::source,
          describe({verb, settings_.queue_manager, queue}, reason),
          {}};
}

}  // namespace copybridge::adapters::ibm_mq
