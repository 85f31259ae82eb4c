// One connection to a queue manager, and the calls that are made on it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "adapters/ibm_mq/connection_settings.h"
#include "adapters/ibm_mq/library.h"
#include "adapters/ibm_mq/mqi.h"
#include "adapters/ibm_mq/reasons.h"
#include "bridge/core/error.h"

namespace copybridge::adapters::ibm_mq {

/// Pads a name of fixed length with blanks; what is too long is cut.
template <std::size_t kLength>
void assign(mqi::Chars<kLength>& field, std::string_view text) {
  field.fill(' ');
  std::copy_n(text.begin(), std::min(text.size(), kLength), field.begin());
}
/// A name of fixed length as it is shown.
template <std::size_t kLength>
[[nodiscard]] std::string text_of(const mqi::Chars<kLength>& field) {
  const std::string_view whole(field.data(), kLength);
  const std::string_view text = whole.substr(0, whole.find('\0'));
  const std::size_t last = text.find_last_not_of(' ');
  return std::string(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

/// How a call ended.
struct Outcome {
  mqi::Long completion = mqi::cc::kOk;
  mqi::Long reason = mqi::rc::kNone;
  [[nodiscard]] bool is_ok() const { return completion == mqi::cc::kOk; }
  [[nodiscard]] Reaction reaction() const { return reason_of(reason).reaction; }
};

/// A queue that is open, with the names that aliases and clusters resolved to.
struct OpenQueue {
  mqi::Hobj handle = mqi::kUnusableHobj;
  std::string name;
  std::string queue_manager;
};

/// For one thread at a time. Ends by backing out, never by the commit that MQDISC implies.
class Connection {
 public:
  explicit Connection(ConnectionSettings settings) : settings_(std::move(settings)) {}
  ~Connection() { disconnect(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// ErrorKind::config for what somebody has to correct, else source.
  Result<void> connect();
  /// Backs out what is uncommitted, then lets go. Twice it does nothing.
  void disconnect();
  [[nodiscard]] bool is_connected() const { return handle_ != mqi::kUnusableHconn; }
  [[nodiscard]] const std::string& library_path() const { return library_->path; }
  [[nodiscard]] const std::string& queue_manager() const { return settings_.queue_manager; }

  Result<OpenQueue> open(const std::string& queue, const std::string& queue_manager,
                         mqi::Long options);
  void close(OpenQueue& queue);
  /// `size`: of the message, where it was read or did not fit; else 0.
  Outcome get(const OpenQueue& queue, mqi::MQMD& descriptor, mqi::MQGMO& options,
              std::span<std::uint8_t> buffer, std::size_t& size);
  Outcome put(const OpenQueue& queue, mqi::MQMD& descriptor, mqi::MQPMO& options,
              std::span<const std::uint8_t> body);
  Outcome commit();
  Outcome back_out();
  Outcome inquire(const OpenQueue& queue, std::span<const mqi::Long> selectors,
                  std::span<mqi::Long> integers, std::span<char> characters);

  /// The error of a call: one sentence with queue manager, queue, verb, reason and what to do.
  [[nodiscard]] Error error(std::string_view verb, std::string_view queue, mqi::Long reason) const;

 private:
  struct Credentials;
  struct Tls;
  Result<Outcome> connect_with(mqi::MQCNO& options);
  void fill_channel(mqi::MQCD& channel) const;

  const ConnectionSettings settings_;
  const Library* library_ = nullptr;
  mqi::Hconn handle_ = mqi::kUnusableHconn;
};

}  // namespace copybridge::adapters::ibm_mq
