// dlopen, and each verb with its completion code checked.
#include "tests/support/mq_double/mq_library.h"

#include <dlfcn.h>

#include <algorithm>

#include "tests/support/mq_double/wire.h"

namespace copybridge::mq_double {
namespace {

using mqi::Long;

template <class Function>
void load(void* library, const char* name, Function*& verb) {
  verb = reinterpret_cast<Function*>(::dlsym(library, name));
  if (verb == nullptr) throw std::runtime_error(std::string("no verb ") + name);
}

void check(const char* verb, Long comp_code, Long reason) {
  if (comp_code == mqi::cc::kFailed) throw MqError(verb, reason);
}

mqi::MQOD queue_named(const std::string& queue) {
  mqi::MQOD od;
  od.object_name = padded<48>(queue);
  return od;
}

}  // namespace

MqLibrary::MqLibrary(const std::string& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(::dlerror());
  load(library, "MQCONNX", connx);
  load(library, "MQDISC", disc);
  load(library, "MQOPEN", open);
  load(library, "MQCLOSE", close);
  load(library, "MQGET", get);
  load(library, "MQPUT", put);
  load(library, "MQPUT1", put1);
  load(library, "MQCMIT", cmit);
  load(library, "MQBACK", back);
  load(library, "MQINQ", inq);
  load(library, "MQSET", set);
  load(library, "MQCRTMH", crtmh);
  load(library, "MQDLTMH", dltmh);
  load(library, "MQSETMP", setmp);
  load(library, "MQINQMP", inqmp);
  load(library, "MQCB", cb);
  load(library, "MQCTL", ctl);
}

MqClient::MqClient(const MqLibrary& library, const std::string& q_mgr, Long share)
    : library_(library) {
  mqi::MQCNO options;
  options.options = share;
  Long comp_code = 0;
  Long reason = 0;
  library_.connx(padded<48>(q_mgr).data(), &options, &hconn_, &comp_code, &reason);
  check("MQCONNX", comp_code, reason);
}

MqClient::~MqClient() {
  if (hconn_ == mqi::kUnusableHconn) return;
  Long comp_code = 0;
  Long reason = 0;
  library_.back(hconn_, &comp_code, &reason);
  library_.disc(&hconn_, &comp_code, &reason);
}

mqi::Hobj MqClient::open(const std::string& queue, Long options) {
  mqi::MQOD od = queue_named(queue);
  mqi::Hobj hobj = mqi::kUnusableHobj;
  Long comp_code = 0;
  Long reason = 0;
  library_.open(hconn_, &od, options, &hobj, &comp_code, &reason);
  check("MQOPEN", comp_code, reason);
  return hobj;
}

void MqClient::close(mqi::Hobj hobj) {
  Long comp_code = 0;
  Long reason = 0;
  library_.close(hconn_, &hobj, mqi::co::kNone, &comp_code, &reason);
  check("MQCLOSE", comp_code, reason);
}

mqi::MQMD MqClient::text_md() {
  mqi::MQMD md;
  md.version = 2;
  md.format = mqi::format::kString;
  return md;
}

mqi::MQMD MqClient::put(mqi::Hobj hobj, std::string_view body, Long options, mqi::MQMD md,
                        mqi::Hobj context) {
  mqi::MQPMO pmo;
  pmo.options = options;
  pmo.context = context;
  Long comp_code = 0;
  Long reason = 0;
  library_.put(hconn_, hobj, &md, &pmo, static_cast<Long>(body.size()), body.data(), &comp_code,
               &reason);
  check("MQPUT", comp_code, reason);
  return md;
}

mqi::MQMD MqClient::put1(const std::string& queue, std::string_view body, Long options,
                         mqi::MQMD md) {
  mqi::MQOD od = queue_named(queue);
  mqi::MQPMO pmo;
  pmo.options = options;
  Long comp_code = 0;
  Long reason = 0;
  library_.put1(hconn_, &od, &md, &pmo, static_cast<Long>(body.size()), body.data(), &comp_code,
                &reason);
  check("MQPUT1", comp_code, reason);
  return md;
}

std::optional<ReceivedMessage> MqClient::get(mqi::Hobj hobj, Long options, Long wait_ms,
                                             mqi::MQMD wanted, std::size_t buffer_size) {
  ReceivedMessage message;
  message.md = wanted;
  message.md.version = 2;
  message.body.resize(buffer_size);
  mqi::MQGMO gmo;
  gmo.version = 2;
  gmo.options = options | (wait_ms != 0 ? mqi::gmo::kWait : 0);
  gmo.wait_interval = wait_ms;
  Long length = 0;
  Long comp_code = 0;
  library_.get(hconn_, hobj, &message.md, &gmo, static_cast<Long>(buffer_size), message.body.data(),
               &length, &comp_code, &message.reason);
  if (message.reason == mqi::rc::kNoMsgAvailable) return {};
  check("MQGET", comp_code, message.reason);
  message.length = length;
  message.body.resize(std::min(buffer_size, static_cast<std::size_t>(length)));
  return message;
}

void MqClient::commit() {
  Long comp_code = 0;
  Long reason = 0;
  library_.cmit(hconn_, &comp_code, &reason);
  check("MQCMIT", comp_code, reason);
}

void MqClient::back_out() {
  Long comp_code = 0;
  Long reason = 0;
  library_.back(hconn_, &comp_code, &reason);
  check("MQBACK", comp_code, reason);
}

void MqClient::disconnect() {
  Long comp_code = 0;
  Long reason = 0;
  library_.disc(&hconn_, &comp_code, &reason);
  check("MQDISC", comp_code, reason);
}

Long MqClient::attribute(mqi::Hobj hobj, Long selector) {
  Long value = 0;
  Long comp_code = 0;
  Long reason = 0;
  library_.inq(hconn_, hobj, 1, &selector, 1, &value, 0, nullptr, &comp_code, &reason);
  check("MQINQ", comp_code, reason);
  return value;
}

Long MqClient::depth(const std::string& queue) {
  const mqi::Hobj hobj = open(queue, mqi::oo::kInquire);
  const Long depth = attribute(hobj, mqi::ia::kCurrentQDepth);
  close(hobj);
  return depth;
}

void MqClient::empty(const std::string& queue) {
  const mqi::Hobj hobj = open(queue, mqi::oo::kInputShared);
  while (get(hobj, mqi::gmo::kNoSyncpoint | mqi::gmo::kAcceptTruncatedMsg)) continue;
  close(hobj);
}

}  // namespace copybridge::mq_double
