// MQCONN, MQCONNX, MQDISC, MQCMIT, MQBACK, and the verbs that the double does not have.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "tests/support/mq_double/client.h"

namespace copybridge::mq_double {
namespace {

namespace cno = mqi::cno;
namespace rc = mqi::rc;

std::mutex table_mutex;
std::map<mqi::Hconn, std::shared_ptr<Connection>> table;  // NOLINT: one per process
mqi::Hconn last_hconn = 0;

/// The thread's unshared connection to the queue manager, which a second MQCONN answers.
std::shared_ptr<Connection> own_connection(const std::string& q_mgr) {
  const std::lock_guard lock(table_mutex);
  for (const auto& [hconn, connection] : table)
    if (connection->share == cno::kHandleShareNone &&
        connection->owner == std::this_thread::get_id() && connection->q_mgr == q_mgr)
      return connection;
  return {};
}

void enter_into_table(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(table_mutex);
  connection->hconn = ++last_hconn;
  table[connection->hconn] = connection;
}

std::string program_name() {
  char path[4096];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  const std::string whole(path, length > 0 ? static_cast<std::size_t>(length) : 0);
  return whole.substr(whole.rfind('/') + 1);
}

template <std::size_t kLength>
mqi::Chars<kLength> pointed_to(const void* pointer, Long length) {
  if (pointer == nullptr || length <= 0) return padded<kLength>("");
  return padded<kLength>({static_cast<const char*>(pointer), static_cast<std::size_t>(length)});
}

/// A structure that is named by a pointer or by its distance from the MQCNO.
template <class Structure>
const Structure* referred_to(const mqi::MQCNO& cno, const void* pointer, Long offset) {
  if (pointer != nullptr) return static_cast<const Structure*>(pointer);
  if (offset == 0) return nullptr;
  return reinterpret_cast<const Structure*>(reinterpret_cast<const char*>(&cno) + offset);
}

/// Takes what the client says about its channel and itself.
Outcome read_channel(const mqi::MQCNO& options, ConnectRequest& request) {
  const auto* cd =
      referred_to<mqi::MQCD>(options, options.client_conn_ptr, options.client_conn_offset);
  if (cd == nullptr) return {};
  constexpr Long kChannelVersionMax = 13;
  if (cd->version < 1 || cd->version > kChannelVersionMax ||
      cd->channel_type != mqi::channel_type::kClntconn ||
      cd->transport_type != mqi::transport::kTcp)
    return failed(rc::kCdError);
  if (text_of(cd->channel_name).empty()) return failed(rc::kUnknownChannelName);
  if (cd->version >= 4 && cd->struc_length < mqi::MQCD::kLengthV4) return failed(rc::kCdError);
  request.channel = cd->channel_name;
  request.connection_name = cd->connection_name;
  if (cd->version < 7) return {};
  if (cd->struc_length < mqi::MQCD::kLengthV7) return failed(rc::kCdError);
  request.cipher = cd->ssl_cipher_spec;
  request.peer_name = pointed_to<256>(cd->ssl_peer_name_ptr, cd->ssl_peer_name_length);
  return {};
}

Outcome read_credentials(const mqi::MQCNO& options, ConnectRequest& request) {
  const auto* csp =
      referred_to<mqi::MQCSP>(options, options.security_parms_ptr, options.security_parms_offset);
  if (csp == nullptr) return {};
  if (!is_sound(csp, 3)) return failed(rc::kCspError);
  if (csp->authentication_type == mqi::csp::kAuthIdToken) {
    if (csp->version < 3 || csp->token_ptr == nullptr) return failed(rc::kCspError);
    request.token = pointed_to<256>(csp->token_ptr, csp->token_length);
    return {};
  }
  if (csp->authentication_type != mqi::csp::kAuthUserIdAndPwd) return {};
  request.user = pointed_to<64>(csp->csp_user_id_ptr, csp->csp_user_id_length);
  request.password = pointed_to<64>(csp->csp_password_ptr, csp->csp_password_length);
  return {};
}

Outcome read_tls(const mqi::MQCNO& options, ConnectRequest& request) {
  const auto* sco =
      referred_to<mqi::MQSCO>(options, options.ssl_config_ptr, options.ssl_config_offset);
  if (sco == nullptr) return {};
  if (!is_sound(sco, 7)) return failed(rc::kScoError);
  request.key_repository = sco->key_repository;
  if (sco->version >= 5) request.certificate_label = sco->certificate_label;
  if (sco->version >= 6) {
    request.key_repository_password =
        pointed_to<64>(sco->key_repo_password_ptr, sco->key_repo_password_length);
  }
  return {};
}

/// A table of channels is in place of a channel, and for clients only.
Outcome read_table(const mqi::MQCNO& options, ConnectRequest& request) {
  if (options.ccdt_url_ptr == nullptr || options.ccdt_url_length <= 0) return {};
  if (options.client_conn_ptr != nullptr || (options.options & cno::kLocalBinding) != 0)
    return failed(rc::kCcdtUrlError);
  request.ccdt = pointed_to<256>(options.ccdt_url_ptr, options.ccdt_url_length);
  return {};
}

Outcome read_options(const mqi::MQCNO* options, ConnectRequest& request, Connection& connection) {
  if (options == nullptr) return {};
  if (!is_sound(options, 8)) return failed(rc::kCnoError);
  constexpr Long kShares =
      cno::kHandleShareNone | cno::kHandleShareBlock | cno::kHandleShareNoBlock;
  const Long share = options->options & kShares;
  if ((share & (share - 1)) != 0) return failed(rc::kOptionsError);
  if (share != 0) connection.share = share;
  Outcome outcome;
  if (options->version >= 2) outcome = read_channel(*options, request);
  if (outcome.reason == rc::kNone && options->version >= 4) outcome = read_tls(*options, request);
  if (outcome.reason == rc::kNone && options->version >= 5)
    outcome = read_credentials(*options, request);
  if (outcome.reason == rc::kNone && options->version >= 6) outcome = read_table(*options, request);
  if (options->version >= 7 && !text_of(options->appl_name).empty())
    request.appl_name = options->appl_name;
  return outcome;
}

/// Tries the queue managers of COPYBRIDGE_MQ_FOLDER, a list with colons, in turn.
Outcome connect_to_any(const ConnectRequest& request, Connection& connection) {
  const char* list = std::getenv("COPYBRIDGE_MQ_FOLDER");
  std::istringstream folders(list != nullptr ? list : "");
  Outcome outcome = failed(rc::kQMgrNotAvailable);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (!connection.reach(folder)) continue;
    outcome = connection.ask(Verb::connect, request);
    if (outcome.comp_code == mqi::cc::kOk) break;
  }
  if (outcome.reason == rc::kConnectionBroken) return failed(rc::kQMgrNotAvailable);
  if (outcome.comp_code != mqi::cc::kOk) return outcome;
  const auto reply = connection.reply().take<ConnectReply>();
  connection.q_mgr = text_of(reply.q_mgr);
  connection.ccsid = reply.ccsid;
  return {};
}

Outcome connect(const char* q_mgr_name, const mqi::MQCNO* options, mqi::Hconn* hconn) {
  const auto connection = std::make_shared<Connection>();
  connection->owner = std::this_thread::get_id();
  ConnectRequest request;
  // The name has 48 characters, or ends with a NUL.
  request.q_mgr = padded<48>({q_mgr_name, ::strnlen(q_mgr_name, 48)});
  request.appl_name = padded<28>(program_name());
  const char* user = std::getenv("USER");
  request.user_identifier = padded<12>(user != nullptr ? user : "mqm");
  Outcome outcome = read_options(options, request, *connection);
  if (outcome.comp_code != mqi::cc::kOk) return outcome;
  outcome = connect_to_any(request, *connection);
  if (outcome.comp_code != mqi::cc::kOk) return outcome;
  if (connection->share == cno::kHandleShareNone) {
    if (const auto earlier = own_connection(connection->q_mgr)) {
      *hconn = earlier->hconn;
      return warned(rc::kAlreadyConnected);
    }
  }
  enter_into_table(connection);
  *hconn = connection->hconn;
  return {};
}

}  // namespace

std::shared_ptr<Connection> find_connection(mqi::Hconn hconn) {
  const std::lock_guard lock(table_mutex);
  const auto found = table.find(hconn);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace copybridge::mq_double

using namespace copybridge;             // NOLINT: the exported verbs have no namespace
using namespace copybridge::mq_double;  // NOLINT

COPYBRIDGE_MQ_EXPORT void MQCONNX(const char* q_mgr_name, mqi::MQCNO* options, mqi::Hconn* hconn,
                                  Long* comp_code, Long* reason) {
  *hconn = mqi::kUnusableHconn;
  const Fault fault = next_fault("MQCONNX");
  kill_if_asked(fault, false);
  answer(fault.reason != 0 ? failed(fault.reason) : connect(q_mgr_name, options, hconn), comp_code,
         reason);
  kill_if_asked(fault, true);
}

COPYBRIDGE_MQ_EXPORT void MQCONN(const char* q_mgr_name, mqi::Hconn* hconn, Long* comp_code,
                                 Long* reason) {
  MQCONNX(q_mgr_name, nullptr, hconn, comp_code, reason);
}

COPYBRIDGE_MQ_EXPORT void MQDISC(mqi::Hconn* hconn, Long* comp_code, Long* reason) {
  if (const auto connection = find_connection(*hconn)) stop_delivery(*connection);
  run_verb("MQDISC", *hconn, comp_code, reason, [](Connection& connection) {
    const Outcome outcome = connection.ask(Verb::disconnect, std::string_view());
    connection.break_off();
    return outcome;
  });
  if (*reason == mqi::rc::kHconnError) return;
  {
    const std::lock_guard lock(table_mutex);
    table.erase(*hconn);
  }
  *hconn = mqi::kUnusableHconn;
}

COPYBRIDGE_MQ_EXPORT void MQCMIT(mqi::Hconn hconn, Long* comp_code, Long* reason) {
  run_verb("MQCMIT", hconn, comp_code, reason,
           [](Connection& connection) { return connection.ask(Verb::commit, std::string_view()); });
}

COPYBRIDGE_MQ_EXPORT void MQBACK(mqi::Hconn hconn, Long* comp_code, Long* reason) {
  run_verb("MQBACK", hconn, comp_code, reason, [](Connection& connection) {
    return connection.ask(Verb::backout, std::string_view());
  });
}

COPYBRIDGE_MQ_EXPORT void MQBEGIN(mqi::Hconn /*hconn*/, void* /*options*/, Long* comp_code,
                                  Long* reason) {
  answer(failed(mqi::rc::kFunctionNotSupported), comp_code, reason);
}

COPYBRIDGE_MQ_EXPORT void MQSTAT(mqi::Hconn /*hconn*/, Long /*type*/, void* /*status*/,
                                 Long* comp_code, Long* reason) {
  answer(failed(mqi::rc::kFunctionNotSupported), comp_code, reason);
}

COPYBRIDGE_MQ_EXPORT void MQSUB(mqi::Hconn /*hconn*/, void* /*descriptor*/, mqi::Hobj* /*queue*/,
                                mqi::Hobj* /*subscription*/, Long* comp_code, Long* reason) {
  answer(failed(mqi::rc::kFunctionNotSupported), comp_code, reason);
}

COPYBRIDGE_MQ_EXPORT void MQSUBRQ(mqi::Hconn /*hconn*/, mqi::Hobj /*subscription*/, Long /*action*/,
                                  void* /*options*/, Long* comp_code, Long* reason) {
  answer(failed(mqi::rc::kFunctionNotSupported), comp_code, reason);
}

COPYBRIDGE_MQ_EXPORT void MQBUFMH(mqi::Hconn /*hconn*/, mqi::Hmsg /*hmsg*/, void* /*options*/,
                                  mqi::MQMD* /*md*/, Long /*buffer_length*/, void* /*buffer*/,
                                  Long* /*data_length*/, Long* comp_code, Long* reason) {
  answer(failed(mqi::rc::kFunctionNotSupported), comp_code, reason);
}

COPYBRIDGE_MQ_EXPORT void MQMHBUF(mqi::Hconn /*hconn*/, mqi::Hmsg /*hmsg*/, void* /*options*/,
                                  mqi::MQCHARV* /*name*/, mqi::MQMD* /*md*/, Long /*buffer_length*/,
                                  void* /*buffer*/, Long* /*data_length*/, Long* comp_code,
                                  Long* reason) {
  answer(failed(mqi::rc::kFunctionNotSupported), comp_code, reason);
}
