// Message handles: MQCRTMH, MQDLTMH, MQSETMP, MQINQMP, MQDLTMP.
#include <algorithm>

#include "tests/support/mq_double/client.h"

namespace copybridge::mq_double {
namespace {

namespace property = mqi::property;
namespace rc = mqi::rc;

struct MessageHandle {
  std::vector<Property> properties;
  std::size_t next = 0;  ///< of MQINQMP with INQ_NEXT
};

std::mutex handles_mutex;
std::map<mqi::Hmsg, std::unique_ptr<MessageHandle>> handles;  // NOLINT: one per process
mqi::Hmsg last_hmsg = 0x0100'0000'0000;  // more than 32 bits, so that a handle cut short is found

MessageHandle* find_handle(mqi::Hmsg hmsg) {
  const std::lock_guard lock(handles_mutex);
  const auto found = handles.find(hmsg);
  return found == handles.end() ? nullptr : found->second.get();
}

/// The characters of a variable-length string; a length of -1 means that a NUL ends it.
std::optional<std::string> string_of(const mqi::MQCHARV* text) {
  if (text == nullptr) return {};
  const auto* characters = static_cast<const char*>(text->vs_ptr);
  if (characters == nullptr && text->vs_offset != 0)
    characters = reinterpret_cast<const char*>(text) + text->vs_offset;
  if (characters == nullptr) return {};
  if (text->vs_length == -1) return std::string(characters);
  if (text->vs_length <= 0) return {};
  return std::string(characters, static_cast<std::size_t>(text->vs_length));
}

std::size_t size_of(Long type) {
  switch (type) {
    case property::kBoolean:
    case property::kInt32:
    case property::kFloat32:
      return 4;
    case property::kInt8:
      return 1;
    case property::kInt16:
      return 2;
    case property::kInt64:
    case property::kFloat64:
      return 8;
    default:
      return 0;
  }
}

bool is_known_type(Long type) {
  return size_of(type) != 0 || type == property::kNull || type == property::kByteString ||
         type == property::kString;
}

Outcome set_property(mqi::Hmsg hmsg, const mqi::MQSMPO* options, const mqi::MQCHARV* name,
                     const mqi::MQPD* descriptor, Long type, Long length, const void* value) {
  MessageHandle* handle = find_handle(hmsg);
  if (handle == nullptr) return failed(rc::kHmsgError);
  if (!is_sound(options, 1)) return failed(rc::kSmpoError);
  if (options->options != mqi::smpo::kSetFirst && options->options != mqi::smpo::kAppendProperty)
    return failed(rc::kOptionsError);
  if (!is_sound(descriptor, 1)) return failed(rc::kPdError);
  const std::optional<std::string> text = string_of(name);
  if (!text || text->find_first_of("%*?'\"") != std::string::npos)
    return failed(rc::kPropertyNameError);
  if (!is_known_type(type)) return failed(rc::kPropertyTypeError);
  if (size_of(type) != 0 && size_of(type) != static_cast<std::size_t>(length))
    return failed(rc::kBufferLengthError);
  Property one{*text, type, {}};
  if (length > 0)
    one.value.assign(static_cast<const char*>(value), static_cast<std::size_t>(length));
  std::vector<Property>& properties = handle->properties;
  const auto same = std::find_if(properties.begin(), properties.end(),
                                 [&](const Property& other) { return other.name == *text; });
  if (same != properties.end() && options->options == mqi::smpo::kSetFirst)
    *same = one;
  else
    properties.push_back(one);
  return {};
}

bool matches(const std::string& name, const std::string& wanted) {
  if (wanted == "%") return true;
  if (wanted.empty() || wanted.back() != '%') {
    const std::string in_usr = "usr." + name;
    return name == wanted || in_usr == wanted;
  }
  const std::string front = wanted.substr(0, wanted.size() - 1);
  return name.compare(0, front.size(), front) == 0 ||
         (front == "usr." && name.find('.') == std::string::npos);
}

/// The property as the type that is wanted; none where it does not convert.
std::optional<Property> converted(const Property& one, Long type) {
  if (one.type == type || type == 0) return one;
  const std::optional<std::string> value = from_text(type, to_text(one));
  if (!value) return {};
  return Property{one.name, type, *value};
}

Outcome give_name(const std::string& name, mqi::MQCHARV& into) {
  into.vs_length = static_cast<Long>(name.size());
  into.vs_ccsid = mqi::ccsid::kUtf8;
  if (into.vs_ptr == nullptr) return {};
  if (into.vs_buf_size < into.vs_length) return failed(rc::kPropertyNameTooBig);
  std::copy(name.begin(), name.end(), static_cast<char*>(into.vs_ptr));
  return {};
}

Outcome inquire_property(mqi::Hmsg hmsg, mqi::MQIMPO* options, const mqi::MQCHARV* name,
                         const mqi::MQPD* descriptor, Long* type, Long value_length, void* value,
                         Long* data_length) {
  MessageHandle* handle = find_handle(hmsg);
  if (handle == nullptr) return failed(rc::kHmsgError);
  if (!is_sound(options, 1)) return failed(rc::kImpoError);
  if (!is_sound(descriptor, 1)) return failed(rc::kPdError);
  const std::optional<std::string> wanted = string_of(name);
  if (!wanted) return failed(rc::kPropertyNameError);
  const bool is_next = (options->options & mqi::impo::kInqNext) != 0;
  std::size_t at = is_next ? handle->next : 0;
  while (at < handle->properties.size() && !matches(handle->properties[at].name, *wanted)) ++at;
  if (at == handle->properties.size()) return failed(rc::kPropertyNotAvailable);
  const bool is_typed = (options->options & mqi::impo::kConvertType) != 0;
  const std::optional<Property> found =
      converted(handle->properties[at], is_typed ? *type : Long{0});
  if (!found) return failed(rc::kPropConvNotSupported);
  const Outcome named = give_name(found->name, options->returned_name);
  if (named.comp_code != mqi::cc::kOk) return named;
  options->returned_encoding = mqi::encoding::kNative;
  options->returned_ccsid = mqi::ccsid::kUtf8;
  *type = found->type;
  *data_length = static_cast<Long>(found->value.size());
  if ((options->options & mqi::impo::kQueryLength) != 0) return {};
  if (*data_length > value_length) return failed(rc::kPropertyValueTooBig);
  std::copy(found->value.begin(), found->value.end(), static_cast<char*>(value));
  handle->next = at + 1;
  return {};
}

}  // namespace

std::vector<Property>* find_properties(mqi::Hmsg hmsg) {
  MessageHandle* handle = find_handle(hmsg);
  return handle == nullptr ? nullptr : &handle->properties;
}

}  // namespace copybridge::mq_double

using namespace copybridge;             // NOLINT: the exported verbs have no namespace
using namespace copybridge::mq_double;  // NOLINT

namespace {

/// Message handles may belong to no connection.
void with_hconn(std::string_view verb, mqi::Hconn hconn, Long* comp_code, Long* reason,
                const std::function<Outcome()>& body) {
  if (hconn == mqi::kUnassociatedHconn)
    answer(body(), comp_code, reason);
  else
    run_verb(verb, hconn, comp_code, reason, [&](Connection& /*connection*/) { return body(); });
}

}  // namespace

COPYBRIDGE_MQ_EXPORT void MQCRTMH(mqi::Hconn hconn, mqi::MQCMHO* options, mqi::Hmsg* hmsg,
                                  Long* comp_code, Long* reason) {
  with_hconn("MQCRTMH", hconn, comp_code, reason, [&] {
    if (!is_sound(options, 1)) return failed(mqi::rc::kCmhoError);
    const std::lock_guard lock(handles_mutex);
    *hmsg = ++last_hmsg;
    handles[*hmsg] = std::make_unique<MessageHandle>();
    return Outcome{};
  });
}

COPYBRIDGE_MQ_EXPORT void MQDLTMH(mqi::Hconn hconn, mqi::Hmsg* hmsg, mqi::MQDMHO* options,
                                  Long* comp_code, Long* reason) {
  with_hconn("MQDLTMH", hconn, comp_code, reason, [&] {
    if (!is_sound(options, 1)) return failed(mqi::rc::kDmhoError);
    const std::lock_guard lock(handles_mutex);
    if (handles.erase(*hmsg) == 0) return failed(mqi::rc::kHmsgError);
    *hmsg = mqi::kUnusableHmsg;
    return Outcome{};
  });
}

COPYBRIDGE_MQ_EXPORT void MQSETMP(mqi::Hconn hconn, mqi::Hmsg hmsg, mqi::MQSMPO* options,
                                  mqi::MQCHARV* name, mqi::MQPD* descriptor, Long type, Long length,
                                  const void* value, Long* comp_code, Long* reason) {
  with_hconn("MQSETMP", hconn, comp_code, reason,
             [&] { return set_property(hmsg, options, name, descriptor, type, length, value); });
}

COPYBRIDGE_MQ_EXPORT void MQINQMP(mqi::Hconn hconn, mqi::Hmsg hmsg, mqi::MQIMPO* options,
                                  mqi::MQCHARV* name, mqi::MQPD* descriptor, Long* type,
                                  Long value_length, void* value, Long* data_length,
                                  Long* comp_code, Long* reason) {
  with_hconn("MQINQMP", hconn, comp_code, reason, [&] {
    return inquire_property(hmsg, options, name, descriptor, type, value_length, value,
                            data_length);
  });
}

COPYBRIDGE_MQ_EXPORT void MQDLTMP(mqi::Hconn hconn, mqi::Hmsg hmsg, void* /*options*/,
                                  mqi::MQCHARV* name, Long* comp_code, Long* reason) {
  with_hconn("MQDLTMP", hconn, comp_code, reason, [&] {
    std::vector<Property>* properties = find_properties(hmsg);
    if (properties == nullptr) return failed(mqi::rc::kHmsgError);
    const std::optional<std::string> wanted = string_of(name);
    const auto found =
        std::find_if(properties->begin(), properties->end(),
                     [&](const Property& one) { return wanted && one.name == *wanted; });
    if (found == properties->end()) return failed(mqi::rc::kPropertyNotAvailable);
    properties->erase(found);
    return Outcome{};
  });
}
