// MQOPEN, MQCLOSE, MQINQ, MQSET.
#include <algorithm>

#include "tests/support/mq_double/client.h"

namespace copybridge::mq_double {
namespace {

namespace oo = mqi::oo;
namespace rc = mqi::rc;

constexpr Long kOdVersionMax = 4;

Outcome check_open(const mqi::MQOD* od, Long options) {
  if (!is_sound(od, kOdVersionMax)) return failed(rc::kOdError);
  constexpr Long kInputs = oo::kInputAsQDef | oo::kInputShared | oo::kInputExclusive;
  constexpr Long kAccess = kInputs | oo::kBrowse | oo::kOutput | oo::kInquire | oo::kSet;
  const Long input = options & kInputs;
  if ((options & kAccess) == 0 || (input & (input - 1)) != 0) return failed(rc::kOptionsError);
  constexpr Long kContexts =
      oo::kPassIdentityContext | oo::kPassAllContext | oo::kSetIdentityContext | oo::kSetAllContext;
  if ((options & kContexts) != 0 && (options & oo::kOutput) == 0) return failed(rc::kOptionsError);
  if ((options & oo::kSaveAllContext) != 0 && input == 0) return failed(rc::kOptionsError);
  const bool is_q_mgr = od->object_type == mqi::object_type::kQMgr;
  if (!is_q_mgr && od->object_type != mqi::object_type::kQ)
    return failed(rc::kFunctionNotSupported);
  if (is_q_mgr && (options & kAccess) != oo::kInquire) return failed(rc::kOptionNotValidForType);
  return {};
}

void copy_resolved(const OpenReply& reply, mqi::MQOD* od) {
  if (od->object_type == mqi::object_type::kQ) od->object_name = reply.name;
  if (od->version < 3) return;
  od->resolved_q_name = reply.name;
  od->resolved_q_mgr_name = reply.q_mgr;
}

Outcome check_inquiry(Long selector_count, const Long* selectors) {
  if (selector_count < 0 || selector_count > 256) return failed(rc::kSelectorCountError);
  for (Long i = 0; i < selector_count; ++i)
    if (selectors[i] < mqi::ia::kFirst || selectors[i] > mqi::ca::kLast)
      return failed(rc::kSelectorError);
  return {};
}

std::string with_selectors(mqi::Hobj hobj, Long selector_count, const Long* selectors) {
  std::string request;
  append(request, InquireRequest{hobj, selector_count});
  for (Long i = 0; i < selector_count; ++i) append(request, selectors[i]);
  return request;
}

}  // namespace
}  // namespace copybridge::mq_double

using namespace copybridge;             // NOLINT: the exported verbs have no namespace
using namespace copybridge::mq_double;  // NOLINT
namespace rc = copybridge::mqi::rc;

COPYBRIDGE_MQ_EXPORT void MQOPEN(mqi::Hconn hconn, mqi::MQOD* od, Long options, mqi::Hobj* hobj,
                                 Long* comp_code, Long* reason) {
  run_verb("MQOPEN", hconn, comp_code, reason, [&](Connection& connection) {
    *hobj = mqi::kUnusableHobj;
    Outcome outcome = check_open(od, options);
    if (outcome.comp_code != mqi::cc::kOk) return outcome;
    outcome = connection.ask(Verb::open, OpenRequest{od->object_type, options, od->object_name,
                                                     od->object_q_mgr_name, od->dynamic_q_name});
    if (outcome.comp_code != mqi::cc::kOk) return outcome;
    const auto reply = connection.reply().take<OpenReply>();
    *hobj = reply.hobj;
    copy_resolved(reply, od);
    return outcome;
  });
}

COPYBRIDGE_MQ_EXPORT void MQCLOSE(mqi::Hconn hconn, mqi::Hobj* hobj, Long options, Long* comp_code,
                                  Long* reason) {
  run_verb("MQCLOSE", hconn, comp_code, reason, [&](Connection& connection) {
    constexpr Long kKnown = mqi::co::kDelete | mqi::co::kDeletePurge | mqi::co::kQuiesce;
    if ((options & ~kKnown) != 0) return failed(rc::kOptionsError);
    {
      const std::lock_guard lock(connection.async);
      connection.consumers.erase(*hobj);
    }
    const Outcome outcome = connection.ask(Verb::close, CloseRequest{*hobj, options});
    if (outcome.comp_code == mqi::cc::kOk) *hobj = mqi::kUnusableHobj;
    return outcome;
  });
}

COPYBRIDGE_MQ_EXPORT void MQINQ(mqi::Hconn hconn, mqi::Hobj hobj, Long selector_count,
                                const Long* selectors, Long int_attr_count, Long* int_attrs,
                                Long char_attr_length, char* char_attrs, Long* comp_code,
                                Long* reason) {
  run_verb("MQINQ", hconn, comp_code, reason, [&](Connection& connection) {
    Outcome outcome = check_inquiry(selector_count, selectors);
    if (outcome.comp_code != mqi::cc::kOk) return outcome;
    outcome = connection.ask(Verb::inquire,
                             std::string_view(with_selectors(hobj, selector_count, selectors)));
    if (outcome.comp_code != mqi::cc::kOk) return outcome;
    Received reply = connection.reply();
    const Long count = reply.take<InquireReply>().int_count;
    if (int_attr_count < count) outcome = warned(rc::kIntAttrCountTooSmall);
    for (Long i = 0; i < count; ++i) {
      const auto value = reply.take<Long>();
      if (i < int_attr_count) int_attrs[i] = value;
    }
    const std::string_view characters = reply.rest();
    const auto length = static_cast<std::size_t>(std::max<Long>(char_attr_length, 0));
    if (length < characters.size()) outcome = warned(rc::kCharAttrsTooShort);
    std::copy_n(characters.begin(), std::min(length, characters.size()), char_attrs);
    return outcome;
  });
}

COPYBRIDGE_MQ_EXPORT void MQSET(mqi::Hconn hconn, mqi::Hobj hobj, Long selector_count,
                                const Long* selectors, Long int_attr_count, const Long* int_attrs,
                                Long /*char_attr_length*/, const char* /*char_attrs*/,
                                Long* comp_code, Long* reason) {
  run_verb("MQSET", hconn, comp_code, reason, [&](Connection& connection) {
    const Outcome outcome = check_inquiry(selector_count, selectors);
    if (outcome.comp_code != mqi::cc::kOk) return outcome;
    if (int_attr_count < selector_count) return failed(rc::kIntAttrCountError);
    std::string request = with_selectors(hobj, selector_count, selectors);
    for (Long i = 0; i < selector_count; ++i) append(request, int_attrs[i]);
    return connection.ask(Verb::set, std::string_view(request));
  });
}
