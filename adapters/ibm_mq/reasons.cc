// The table of reason codes.
#include "adapters/ibm_mq/reasons.h"

#include <algorithm>
#include <array>

#include "adapters/ibm_mq/mqi_reasons.h"

namespace copybridge::adapters::ibm_mq {
namespace {

using enum Reaction;
namespace rc = mqi::rc;

constexpr std::string_view kLookAtQueueManager =
    "look whether the queue manager, its listener and the network are up; it is tried again";
constexpr std::string_view kQuiesces =
    "the queue manager or channel is being ended; the bridge has let go and connects again";
constexpr std::string_view kGone =
    "the unit of work is backed out by the queue manager; the bridge connects again";
constexpr std::string_view kUnknownOutcome =
    "whether the unit of work was committed is not known; what comes again has the same ids";
constexpr std::string_view kTls =
    "correct tls_key_repository, tls_cipher and tls_peer_name; the "
    "queue manager's error log says which";
constexpr std::string_view kOldLibrary =
    "the client library does not know a structure as new as the options need; install a newer one "
    "or leave out the newest options";
constexpr std::string_view kBug = "this is a mistake of the bridge: report it";

constexpr std::array kReasons = {
    Reason{rc::kBackedOut, "BACKED_OUT", reconnect,
           "the queue manager backed the unit of work out; its messages come again"},
    Reason{rc::kConnectionBroken, "CONNECTION_BROKEN", reconnect, kGone},
    Reason{rc::kEnvironmentError, "ENVIRONMENT_ERROR", configure,
           "the client library does not support this call here; look at 'library'"},
    Reason{rc::kGetInhibited, "GET_INHIBITED", retry,
           "ALTER QLOCAL with GET(ENABLED) when the queue may be read again"},
    Reason{rc::kHandleNotAvailable, "HANDLE_NOT_AVAILABLE", retry,
           "raise MAXHANDS of the queue manager"},
    Reason{rc::kHconnError, "HCONN_ERROR", reconnect, kGone},
    Reason{rc::kHobjError, "HOBJ_ERROR", reconnect, kGone},
    Reason{rc::kSyncpointLimitReached, "SYNCPOINT_LIMIT_REACHED", end_batch,
           "lower batch_records_max below MAXUMSGS of the queue manager"},
    Reason{rc::kMsgTooBigForQ, "MSG_TOO_BIG_FOR_Q", refuse_one, "raise MAXMSGL of the queue"},
    Reason{rc::kMsgTooBigForQMgr, "MSG_TOO_BIG_FOR_Q_MGR", refuse_one,
           "raise MAXMSGL of the queue manager"},
    Reason{rc::kNoMsgAvailable, "NO_MSG_AVAILABLE", none, ""},
    Reason{rc::kNotAuthorized, "NOT_AUTHORIZED", configure,
           "grant the bridge's user the authorities in docs/ibm-mq.md; the queue manager's error "
           "log says which is missing"},
    Reason{rc::kObjectChanged, "OBJECT_CHANGED", reconnect,
           "the queue's definition was changed; the bridge opens it again"},
    Reason{rc::kObjectInUse, "OBJECT_IN_USE", retry,
           "another program has the queue open for input; end it, or use 'open: shared'"},
    Reason{rc::kOptionNotValidForType, "OPTION_NOT_VALID_FOR_TYPE", configure,
           "the queue cannot be used this way; name a local queue or an alias of one"},
    Reason{rc::kOptionsError, "OPTIONS_ERROR", configure, kBug},
    Reason{rc::kPutInhibited, "PUT_INHIBITED", retry,
           "ALTER the queue with PUT(ENABLED) when it may be written again"},
    Reason{rc::kQDeleted, "Q_DELETED", reconnect, "the queue was deleted; define it again"},
    Reason{rc::kQFull, "Q_FULL", retry, "have the queue read, or raise MAXDEPTH"},
    Reason{rc::kQTypeError, "Q_TYPE_ERROR", configure, "correct 'queue'"},
    Reason{rc::kQMgrNameError, "Q_MGR_NAME_ERROR", configure,
           "correct 'queue_manager'; with the redistributable client name 'connection' and "
           "'channel', or 'ccdt'"},
    Reason{rc::kQMgrNotAvailable, "Q_MGR_NOT_AVAILABLE", reconnect, kLookAtQueueManager},
    Reason{rc::kSecurityError, "SECURITY_ERROR", configure,
           "the queue manager's error log says what is wrong"},
    Reason{rc::kStorageNotAvailable, "STORAGE_NOT_AVAILABLE", reconnect,
           "give the process or the queue manager more memory"},
    Reason{rc::kTruncatedMsgFailed, "TRUNCATED_MSG_FAILED", grow, ""},
    Reason{rc::kUnknownObjectName, "UNKNOWN_OBJECT_NAME", configure,
           "correct 'queue', or define it"},
    Reason{rc::kUnknownObjectQMgr, "UNKNOWN_OBJECT_Q_MGR", configure,
           "correct the queue manager of the queue, or define a transmission queue to it"},
    Reason{rc::kUnknownRemoteQMgr, "UNKNOWN_REMOTE_Q_MGR", configure,
           "define a transmission queue to the remote queue manager"},
    Reason{rc::kNotOpenForSetAll, "NOT_OPEN_FOR_SET_ALL", configure, kBug},
    Reason{rc::kResourceProblem, "RESOURCE_PROBLEM", reconnect,
           "the queue manager has no resources left; look at its error log"},
    Reason{rc::kOutcomePending, "OUTCOME_PENDING", reconnect, kUnknownOutcome},
    Reason{rc::kCnoError, "CNO_ERROR", configure, kOldLibrary},
    Reason{rc::kQMgrQuiescing, "Q_MGR_QUIESCING", reconnect, kQuiesces},
    Reason{rc::kQMgrStopping, "Q_MGR_STOPPING", reconnect, kQuiesces},
    Reason{rc::kPagesetError, "PAGESET_ERROR", retry, "the page set of the queue is full or away"},
    Reason{rc::kUnexpectedError, "UNEXPECTED_ERROR", reconnect,
           "look at the error logs of client and queue manager"},
    Reason{rc::kConnectionQuiescing, "CONNECTION_QUIESCING", reconnect, kQuiesces},
    Reason{rc::kConnectionStopping, "CONNECTION_STOPPING", reconnect, kQuiesces},
    Reason{rc::kMsgTooBigForChannel, "MSG_TOO_BIG_FOR_CHANNEL", refuse_one,
           "raise MAXMSGL of the channel"},
    Reason{rc::kIncompleteGroup, "INCOMPLETE_GROUP", retry,
           "messages of a group are missing on the queue"},
    Reason{rc::kIncompleteMsg, "INCOMPLETE_MSG", retry,
           "segments of a message are missing on the queue"},
    Reason{rc::kUowNotAvailable, "UOW_NOT_AVAILABLE", reconnect, kGone},
    Reason{rc::kCdError, "CD_ERROR", configure, kOldLibrary},
    Reason{rc::kClientConnError, "CLIENT_CONN_ERROR", configure,
           "correct 'connection', 'channel' or 'ccdt'"},
    Reason{rc::kChannelStoppedByUser, "CHANNEL_STOPPED_BY_USER", reconnect,
           "START CHANNEL when the bridge may connect again"},
    Reason{rc::kChannelStopped, "CHANNEL_STOPPED", reconnect,
           "START CHANNEL when the bridge may connect again"},
    Reason{rc::kFunctionNotSupported, "FUNCTION_NOT_SUPPORTED", configure,
           "the queue manager or library does not support this"},
    Reason{rc::kScoError, "SCO_ERROR", configure, kOldLibrary},
    Reason{rc::kKeyRepositoryError, "KEY_REPOSITORY_ERROR", configure, kTls},
    Reason{rc::kSslInitializationError, "SSL_INITIALIZATION_ERROR", configure, kTls},
    Reason{rc::kSslPeerNameMismatch, "SSL_PEER_NAME_MISMATCH", configure, kTls},
    Reason{rc::kUnsupportedCipherSuite, "UNSUPPORTED_CIPHER_SUITE", configure, kTls},
    Reason{rc::kChannelNotAvailable, "CHANNEL_NOT_AVAILABLE", reconnect,
           "raise MAXINST or MAXINSTC of the channel, or end other clients"},
    Reason{rc::kHostNotAvailable, "HOST_NOT_AVAILABLE", reconnect, kLookAtQueueManager},
    Reason{rc::kChannelConfigError, "CHANNEL_CONFIG_ERROR", configure,
           "correct 'connection' and 'channel'; TLS must be set on both sides or on none"},
    Reason{rc::kUnknownChannelName, "UNKNOWN_CHANNEL_NAME", configure,
           "correct 'channel': it names a server-connection channel"},
    Reason{rc::kStandbyQMgr, "STANDBY_Q_MGR", reconnect,
           "this is a standby instance; name all instances in 'connection'"},
    Reason{rc::kReconnecting, "RECONNECTING", reconnect, kGone},
    Reason{rc::kReconnected, "RECONNECTED", reconnect, kGone},
    Reason{rc::kReconnectQmidMismatch, "RECONNECT_QMID_MISMATCH", reconnect, kGone},
    Reason{rc::kReconnectIncompatible, "RECONNECT_INCOMPATIBLE", reconnect, kGone},
    Reason{rc::kReconnectFailed, "RECONNECT_FAILED", reconnect, kLookAtQueueManager},
    Reason{rc::kCallInterrupted, "CALL_INTERRUPTED", reconnect, kUnknownOutcome},
    Reason{rc::kReconnectQMgrReqd, "RECONNECT_Q_MGR_REQD", reconnect, kGone},
    Reason{rc::kReconnectTimedOut, "RECONNECT_TIMED_OUT", reconnect, kLookAtQueueManager},
    Reason{rc::kChannelBlocked, "CHANNEL_BLOCKED", configure,
           "a channel authentication record blocks the bridge"},
    Reason{rc::kInstallationMismatch, "INSTALLATION_MISMATCH", configure,
           "the queue manager belongs to another installation; correct 'library'"},
    Reason{rc::kInstallationMissing, "INSTALLATION_MISSING", configure,
           "the installation of the queue manager is not there; correct 'library'"},
    Reason{rc::kPasswordProtectionError, "PASSWORD_PROTECTION_ERROR", configure,
           "use TLS, or PasswordProtection = COMPATIBLE on both sides"},
    Reason{rc::kCspError, "CSP_ERROR", configure, kOldLibrary},
    Reason{rc::kCcdtUrlError, "CCDT_URL_ERROR", configure, "correct 'ccdt'"},
};

}  // namespace

const Reason& reason_of(mqi::Long code) {
  static constexpr Reason kUnknown{0, "", retry,
                                   "`mqrc` of an MQ installation says what the number means"};
  const auto found = std::ranges::find(kReasons, code, &Reason::code);
  return found == kReasons.end() ? kUnknown : *found;
}

std::string describe(const CallPlace& place, mqi::Long code) {
  const Reason& reason = reason_of(code);
  std::string text = "ibm-mq: " + std::string(place.verb);
  if (!place.queue.empty()) text += " on queue " + std::string(place.queue);
  text += place.queue_manager.empty() ? " of the default queue manager"
                                      : " of queue manager " + std::string(place.queue_manager);
  text += ": " + std::to_string(code);
  if (!reason.name.empty()) text += " MQRC_" + std::string(reason.name);
  if (!reason.hint.empty()) text += "; " + std::string(reason.hint);
  return text;
}

}  // namespace copybridge::adapters::ibm_mq
