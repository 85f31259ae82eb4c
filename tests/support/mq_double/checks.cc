// The options and structures of MQPUT and MQGET, held to what IBM documents.
#include "tests/support/mq_double/checks.h"

#include "tests/support/mq_double/client.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace pmo = mqi::pmo;
namespace rc = mqi::rc;

bool has_several(Long options, Long of) {
  const Long chosen = options & of;
  return (chosen & (chosen - 1)) != 0;
}

constexpr Long kGetBrowse = gmo::kBrowseFirst | gmo::kBrowseNext | gmo::kBrowseMsgUnderCursor;
constexpr Long kGetSyncpoint = gmo::kSyncpoint | gmo::kNoSyncpoint | gmo::kSyncpointIfPersistent;
constexpr Long kGetProperties = gmo::kPropertiesForceMqrfh2 | gmo::kNoProperties |
                                gmo::kPropertiesInHandle | gmo::kPropertiesCompatibility;
constexpr Long kGetLogical =
    gmo::kLogicalOrder | gmo::kCompleteMsg | gmo::kAllMsgsAvailable | gmo::kAllSegmentsAvailable;
constexpr Long kGetKnown = kGetBrowse | kGetSyncpoint | kGetProperties | kGetLogical | gmo::kWait |
                           gmo::kAcceptTruncatedMsg | gmo::kMsgUnderCursor | gmo::kFailIfQuiescing |
                           gmo::kConvert;

constexpr Long kPutContext = pmo::kDefaultContext | pmo::kPassIdentityContext |
                             pmo::kPassAllContext | pmo::kSetIdentityContext | pmo::kSetAllContext |
                             pmo::kNoContext;
constexpr Long kPutKnown = kPutContext | pmo::kSyncpoint | pmo::kNoSyncpoint | pmo::kNewMsgId |
                           pmo::kNewCorrelId | pmo::kFailIfQuiescing | pmo::kLogicalOrder |
                           pmo::kAsyncResponse | pmo::kSyncResponse | pmo::kResolveLocalQ |
                           pmo::kMdForOutputOnly | pmo::kAlternateUserAuthority;

Outcome check_get_options(const mqi::MQGMO& options) {
  const Long chosen = options.options;
  if ((chosen & ~kGetKnown) != 0) return failed(rc::kOptionsError);
  if (has_several(chosen, kGetSyncpoint) || has_several(chosen, kGetProperties) ||
      has_several(chosen, kGetBrowse | gmo::kMsgUnderCursor))
    return failed(rc::kOptionsError);
  const bool is_browse = (chosen & kGetBrowse) != 0;
  if (is_browse && (chosen & (gmo::kSyncpoint | gmo::kSyncpointIfPersistent)) != 0)
    return failed(rc::kOptionsError);
  if (options.version < 2 && (chosen & kGetLogical) != 0) return failed(rc::kWrongGmoVersion);
  if ((chosen & gmo::kWait) != 0 && options.wait_interval < mqi::kWaitUnlimited)
    return failed(rc::kWaitIntervalError);
  if ((chosen & gmo::kPropertiesInHandle) != 0 &&
      (options.version < 4 || options.msg_handle == mqi::kNoHmsg))
    return failed(rc::kHmsgError);
  return {};
}

}  // namespace

Outcome check_get(const mqi::MQMD* md, const mqi::MQGMO* gmo, Long buffer_length,
                  const void* buffer) {
  if (!is_sound(md, 2)) return failed(rc::kMdError);
  if (!is_sound(gmo, 4)) return failed(rc::kGmoError);
  if (buffer_length < 0) return failed(rc::kBufferLengthError);
  if (buffer == nullptr && buffer_length > 0) return failed(rc::kBufferError);
  return check_get_options(*gmo);
}

Outcome check_put(const mqi::MQMD* md, const mqi::MQPMO* pmo, Long buffer_length,
                  const void* buffer) {
  if (!is_sound(md, 2)) return failed(rc::kMdError);
  if (!is_sound(pmo, 3)) return failed(rc::kPmoError);
  if (buffer_length < 0) return failed(rc::kBufferLengthError);
  if (buffer == nullptr && buffer_length > 0) return failed(rc::kBufferError);
  const Long chosen = pmo->options;
  if ((chosen & ~kPutKnown) != 0 || has_several(chosen, kPutContext) ||
      has_several(chosen, pmo::kSyncpoint | pmo::kNoSyncpoint))
    return failed(rc::kOptionsError);
  if (md->expiry != mqi::kExpiryUnlimited && md->expiry <= 0) return failed(rc::kExpiryError);
  if (md->persistence < 0 || md->persistence > mqi::persistence::kAsQueueDef)
    return failed(rc::kPersistenceError);
  if (md->msg_type < 1) return failed(rc::kMsgTypeError);
  return {};
}

}  // namespace copybridge::mq_double
