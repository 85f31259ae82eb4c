// The verbs of a client library that is loaded at run time, and a small client on them: for tests,
// whichever queue manager is behind the library.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "adapters/ibm_mq/mqi.h"

namespace copybridge::mq_double {

/// MQSET, which the bridge does not use: as MQINQ, but it only reads what it is given.
using MqSetFn = void(mqi::Hconn, mqi::Hobj, mqi::Long selector_count, const mqi::Long* selectors,
                     mqi::Long int_attr_count, const mqi::Long* int_attrs,
                     mqi::Long char_attr_length, const char* char_attrs, mqi::Long* comp_code,
                     mqi::Long* reason);

struct MqLibrary {
  explicit MqLibrary(const std::string& path);

  mqi::MqConnxFn* connx;
  mqi::MqDiscFn* disc;
  mqi::MqOpenFn* open;
  mqi::MqCloseFn* close;
  mqi::MqGetFn* get;
  mqi::MqPutFn* put;
  mqi::MqPut1Fn* put1;
  mqi::MqSettleFn* cmit;
  mqi::MqSettleFn* back;
  mqi::MqInqFn* inq;
  MqSetFn* set;
  mqi::MqCrtmhFn* crtmh;
  mqi::MqDltmhFn* dltmh;
  mqi::MqSetmpFn* setmp;
  mqi::MqInqmpFn* inqmp;
  mqi::MqCbFn* cb;
  mqi::MqCtlFn* ctl;
};

/// A verb that did not succeed.
struct MqError : std::runtime_error {
  MqError(const std::string& verb, mqi::Long code)
      : std::runtime_error(verb + " answered " + std::to_string(code)), reason(code) {}
  mqi::Long reason;
};

struct ReceivedMessage {
  std::string body;
  mqi::MQMD md;
  mqi::Long reason = 0;
  mqi::Long length = 0;  ///< of the whole message
};

/// One connection. Verbs that fail throw MqError; a get that finds nothing answers nothing.
class MqClient {
 public:
  explicit MqClient(const MqLibrary& library, const std::string& q_mgr = "",
                    mqi::Long share = mqi::cno::kHandleShareNone);
  ~MqClient();
  MqClient(const MqClient&) = delete;
  MqClient& operator=(const MqClient&) = delete;

  mqi::Hobj open(const std::string& queue, mqi::Long options);
  void close(mqi::Hobj hobj);
  mqi::MQMD put(mqi::Hobj hobj, std::string_view body, mqi::Long options, mqi::MQMD md = text_md(),
                mqi::Hobj context = mqi::kNoHobj);
  mqi::MQMD put1(const std::string& queue, std::string_view body, mqi::Long options,
                 mqi::MQMD md = text_md());
  std::optional<ReceivedMessage> get(mqi::Hobj hobj, mqi::Long options, mqi::Long wait_ms = 0,
                                     mqi::MQMD wanted = {}, std::size_t buffer_size = 65536);
  void commit();
  void back_out();
  void disconnect();
  /// The value of an integer attribute of an object that is open for MQINQ.
  mqi::Long attribute(mqi::Hobj hobj, mqi::Long selector);
  /// How many messages the queue has.
  mqi::Long depth(const std::string& queue);
  /// Takes all messages off the queue.
  void empty(const std::string& queue);

  /// Format MQSTR, version 2.
  static mqi::MQMD text_md();

  [[nodiscard]] mqi::Hconn hconn() const { return hconn_; }
  [[nodiscard]] const MqLibrary& library() const { return library_; }

 private:
  const MqLibrary& library_;
  mqi::Hconn hconn_ = mqi::kUnusableHconn;
};

}  // namespace copybridge::mq_double
