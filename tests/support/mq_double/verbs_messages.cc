// MQPUT, MQPUT1, MQGET.
#include <algorithm>

#include "tests/support/mq_double/checks.h"
#include "tests/support/mq_double/client.h"
#include "tests/support/mq_double/conversion.h"

namespace copybridge::mq_double {
namespace {

namespace gmo = mqi::gmo;
namespace oo = mqi::oo;
namespace pmo = mqi::pmo;
namespace rc = mqi::rc;

std::size_t length_of(const mqi::MQMD& md) {
  return static_cast<std::size_t>(md.version >= 2 ? mqi::MQMD::kLengthV2 : mqi::MQMD::kLengthV1);
}

/// The caller's descriptor, of which only the part of its version is there.
mqi::MQMD whole(const mqi::MQMD& md) {
  mqi::MQMD copy;
  std::memcpy(&copy, &md, length_of(md));
  return copy;
}

void give_back(const mqi::MQMD& from, mqi::MQMD* md) {
  const Long version = md->version;
  mqi::MQMD copy = from;
#ifdef COPYBRIDGE_MQ_WRONG
  // The double that IBM's own binding must find wrong.
  std::swap(copy.encoding, copy.coded_char_set_id);
#endif
  std::memcpy(md, &copy, length_of(*md));
  md->version = version;
}

mqi::Hmsg handle_of(const mqi::MQGMO& options) {
#ifdef COPYBRIDGE_MQ_WRONG
  return options.reserved2;
#else
  return options.msg_handle;
#endif
}

/// What a put gives back: the identifiers, the group and the context, never the description.
void give_back_put(const PutReply& reply, mqi::MQMD* md, mqi::MQPMO* options) {
  const mqi::MQMD before = whole(*md);
  mqi::MQMD after = reply.md;
  after.format = before.format;
  after.encoding = before.encoding;
  after.coded_char_set_id = before.coded_char_set_id;
  after.expiry = before.expiry;
  const Long version = md->version;
  std::memcpy(md, &after, length_of(*md));
  md->version = version;
  options->resolved_q_name = reply.q;
  options->resolved_q_mgr_name = reply.q_mgr;
}

/// The properties of the put's message handles.
Outcome properties_of(const mqi::MQPMO& options, std::vector<Property>& properties) {
  if (options.version < 3) return {};
  for (const mqi::Hmsg hmsg : {options.original_msg_handle, options.new_msg_handle}) {
    if (hmsg == mqi::kNoHmsg) continue;
    const std::vector<Property>* found = find_properties(hmsg);
    if (found == nullptr) return failed(rc::kHmsgError);
    for (const Property& one : *found) {
      properties.erase(
          std::remove_if(properties.begin(), properties.end(),
                         [&](const Property& other) { return other.name == one.name; }),
          properties.end());
      properties.push_back(one);
    }
  }
  return {};
}

struct PutInput {
  PutRequest request;
  std::string rfh2;
};

Outcome prepare_put(const Connection& connection, const mqi::MQMD* md, const mqi::MQPMO* options,
                    Long buffer_length, const void* buffer, PutInput& input) {
  Outcome outcome = check_put(md, options, buffer_length, buffer);
  if (outcome.comp_code != mqi::cc::kOk) return outcome;
  input.request.context = options->context;
  input.request.options = options->options;
  input.request.md = whole(*md);
  std::vector<Property> properties;
  outcome = properties_of(*options, properties);
  if (outcome.comp_code != mqi::cc::kOk || properties.empty()) return outcome;
  if (input.request.md.coded_char_set_id == mqi::ccsid::kQMgr)
    input.request.md.coded_char_set_id = connection.ccsid;
  input.rfh2 = write_properties(properties, input.request.md);
  return {};
}

Outcome send_put(Connection& connection, Verb verb, std::string request, const PutInput& input,
                 std::string_view body, mqi::MQMD* md, mqi::MQPMO* options) {
  append(request, input.request);
  request += input.rfh2;
  const Outcome outcome = connection.ask(verb, std::string_view(request), body);
  if (outcome.comp_code == mqi::cc::kOk)
    give_back_put(connection.reply().take<PutReply>(), md, options);
  return outcome;
}

std::string_view body_of(Long buffer_length, const void* buffer) {
  if (buffer_length == 0) return {};
  return {static_cast<const char*>(buffer), static_cast<std::size_t>(buffer_length)};
}

/// The MQOPEN options that MQPUT1 opens with.
Long open_options(Long put_options) {
  Long options = oo::kOutput;
  constexpr Long kContexts = pmo::kPassIdentityContext | pmo::kPassAllContext |
                             pmo::kSetIdentityContext | pmo::kSetAllContext;
  static_assert(kContexts == (oo::kPassIdentityContext | oo::kPassAllContext |
                              oo::kSetIdentityContext | oo::kSetAllContext));
  return options | (put_options & kContexts);
}

Long match_options(const mqi::MQGMO& options) {
  return options.version >= 2 ? options.match_options : mqi::match::kMsgId | mqi::match::kCorrelId;
}

Outcome fill_handle(const GetReply& answer, std::string_view rfh2, mqi::Hmsg hmsg,
                    const mqi::MQMD& stored) {
  std::vector<Property>* properties = find_properties(hmsg);
  if (properties == nullptr) return failed(rc::kHmsgError);
  properties->clear();
  if (answer.properties_length == 0) return {};
  // The header lies as the message lay on its queue, before it was parted from it.
  for (const Long encoding : {mqi::encoding::kNormal, mqi::encoding::kReversed}) {
    mqi::MQMD md = stored;
    md.format = mqi::format::kRfHeader2;
    md.encoding = encoding;
    const std::optional<LeadingRfh2> header = leading_rfh2(md, rfh2);
    if (header && header->bytes.size() == rfh2.size()) *properties = read_properties(*header);
  }
  return {};
}

void give_back(const GetReply& answer, Long returned, mqi::MQGMO* options) {
  options->resolved_q_name = answer.q;
  if (options->version >= 2) {
    options->group_status = answer.group_status;
    options->segment_status = answer.segment_status;
    options->segmentation = answer.is_segmentation_allowed ? 'A' : ' ';
  }
  if (options->version >= 3) {
    options->msg_token = answer.token;
    options->returned_length = returned;
  }
}

/// Converts in the buffer. What has become too long for it is given unconverted.
Outcome convert_in_place(mqi::MQMD& md, Long target, Long encoding, Long buffer_length,
                         void* buffer, Long* data_length) {
  std::string text(body_of(*data_length, buffer));
  mqi::MQMD converted = md;
  const Outcome outcome = convert(converted, target, encoding, text);
  if (outcome.comp_code != mqi::cc::kOk) return outcome;
  if (text.size() > static_cast<std::size_t>(buffer_length)) return warned(rc::kConvertedMsgTooBig);
  std::copy(text.begin(), text.end(), static_cast<char*>(buffer));
  *data_length = static_cast<Long>(text.size());
  md = converted;
  return {};
}

}  // namespace

Outcome get_message(Connection& connection, mqi::Hobj hobj, mqi::MQMD* md, mqi::MQGMO* options,
                    Long buffer_length, void* buffer, Long* data_length) {
  Outcome outcome = check_get(md, options, buffer_length, buffer);
  if (outcome.comp_code != mqi::cc::kOk) return outcome;
  const bool in_handle = (options->options & gmo::kPropertiesInHandle) != 0;
  if (in_handle && find_properties(handle_of(*options)) == nullptr) return failed(rc::kHmsgError);
  GetRequest request{
      hobj, options->options, options->wait_interval, match_options(*options), buffer_length,
      {},   whole(*md)};
  if (options->version >= 3) request.token = options->msg_token;
  outcome = connection.ask(Verb::get, request);
  if (outcome.comp_code == mqi::cc::kFailed) return outcome;
  Received reply = connection.reply();
  auto answer = reply.take<GetReply>();
  const std::string_view rfh2 = reply.take(static_cast<std::size_t>(answer.properties_length));
  const std::string_view body = reply.rest();
  std::copy(body.begin(), body.end(), static_cast<char*>(buffer));
  *data_length = answer.data_length;
  if (in_handle) fill_handle(answer, rfh2, handle_of(*options), answer.md);
  const bool is_whole = outcome.comp_code == mqi::cc::kOk;
  if (is_whole && (options->options & gmo::kConvert) != 0) {
    const Long target =
        md->coded_char_set_id == mqi::ccsid::kQMgr || md->coded_char_set_id == mqi::ccsid::kAppl
            ? connection.ccsid
            : md->coded_char_set_id;
    outcome = convert_in_place(answer.md, target, md->encoding, buffer_length, buffer, data_length);
  }
  give_back(answer, is_whole ? *data_length : static_cast<Long>(body.size()), options);
  give_back(answer.md, md);
  return outcome;
}

}  // namespace copybridge::mq_double

using namespace copybridge;             // NOLINT: the exported verbs have no namespace
using namespace copybridge::mq_double;  // NOLINT

COPYBRIDGE_MQ_EXPORT void MQPUT(mqi::Hconn hconn, mqi::Hobj hobj, mqi::MQMD* md,
                                mqi::MQPMO* options, Long buffer_length, const void* buffer,
                                Long* comp_code, Long* reason) {
  run_verb("MQPUT", hconn, comp_code, reason, [&](Connection& connection) {
    PutInput input;
    const Outcome outcome = prepare_put(connection, md, options, buffer_length, buffer, input);
    if (outcome.comp_code != mqi::cc::kOk) return outcome;
    input.request.hobj = hobj;
    return send_put(connection, Verb::put, "", input, body_of(buffer_length, buffer), md, options);
  });
}

COPYBRIDGE_MQ_EXPORT void MQPUT1(mqi::Hconn hconn, mqi::MQOD* od, mqi::MQMD* md,
                                 mqi::MQPMO* options, Long buffer_length, const void* buffer,
                                 Long* comp_code, Long* reason) {
  run_verb("MQPUT1", hconn, comp_code, reason, [&](Connection& connection) {
    if (!is_sound(od, 4)) return failed(mqi::rc::kOdError);
    PutInput input;
    const Outcome outcome = prepare_put(connection, md, options, buffer_length, buffer, input);
    if (outcome.comp_code != mqi::cc::kOk) return outcome;
    std::string request;
    append(request, OpenRequest{od->object_type, open_options(options->options), od->object_name,
                                od->object_q_mgr_name, od->dynamic_q_name});
    return send_put(connection, Verb::put1, request, input, body_of(buffer_length, buffer), md,
                    options);
  });
}

COPYBRIDGE_MQ_EXPORT void MQGET(mqi::Hconn hconn, mqi::Hobj hobj, mqi::MQMD* md,
                                mqi::MQGMO* options, Long buffer_length, void* buffer,
                                Long* data_length, Long* comp_code, Long* reason) {
  run_verb("MQGET", hconn, comp_code, reason, [&](Connection& connection) {
    return get_message(connection, hobj, md, options, buffer_length, buffer, data_length);
  });
}
