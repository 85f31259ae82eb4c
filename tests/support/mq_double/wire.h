// What the double's client library and its queue manager say to each other over a socket: a head,
// a structure, and bytes behind it. Both are built together, so structures are sent as they lie.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "adapters/ibm_mq/mqi.h"

namespace copybridge::mq_double {

using mqi::Long;

enum class Verb : std::uint8_t {
  connect,
  disconnect,
  open,
  close,
  put,
  put1,
  get,
  commit,
  backout,
  inquire,
  set,
};

/// The completion code and reason that a verb answers.
struct Outcome {
  Long comp_code = mqi::cc::kOk;
  Long reason = mqi::rc::kNone;
};

inline Outcome failed(Long reason) { return {mqi::cc::kFailed, reason}; }
inline Outcome warned(Long reason) { return {mqi::cc::kWarning, reason}; }

struct RequestHead {
  std::uint32_t length = 0;  ///< of what follows the head
  Verb verb = Verb::connect;
};

struct ReplyHead {
  std::uint32_t length = 0;
  Outcome outcome;
};

struct ConnectRequest {
  mqi::ObjectName q_mgr{};
  mqi::Chars<28> appl_name{};
  mqi::Chars<12> user_identifier{};
  mqi::Chars<20> channel{};
  mqi::Chars<264> connection_name{};
  mqi::Chars<64> user{};
  mqi::Chars<64> password{};
  // What the library would need for TLS and for a channel table, told to who has neither.
  mqi::Chars<256> token{};
  mqi::Chars<32> cipher{};
  mqi::Chars<256> peer_name{};
  mqi::Chars<256> key_repository{};
  mqi::Chars<64> key_repository_password{};
  mqi::Chars<64> certificate_label{};
  mqi::Chars<256> ccdt{};
};

struct ConnectReply {
  mqi::ObjectName q_mgr{};
  Long ccsid = 0;
};

struct OpenRequest {
  Long object_type = 0;
  Long options = 0;
  mqi::ObjectName name{};
  mqi::ObjectName q_mgr{};
  mqi::ObjectName dynamic_name{};
};

struct OpenReply {
  mqi::Hobj hobj = 0;
  mqi::ObjectName name{};
  mqi::ObjectName q_mgr{};
};

struct CloseRequest {
  mqi::Hobj hobj = 0;
  Long options = 0;
};

/// Of MQPUT, and behind an OpenRequest of MQPUT1; the message follows.
struct PutRequest {
  mqi::Hobj hobj = 0;
  mqi::Hobj context = 0;
  Long options = 0;
  mqi::MQMD md;
};

struct PutReply {
  mqi::MQMD md;
  mqi::ObjectName q{};
  mqi::ObjectName q_mgr{};
};

struct GetRequest {
  mqi::Hobj hobj = 0;
  Long options = 0;
  Long wait_interval = 0;
  Long match_options = 0;
  Long buffer_length = 0;
  mqi::Bytes<16> token{};
  mqi::MQMD md;
};

/// The RFH2 that goes into the message handle follows, then as much of the message as fits.
struct GetReply {
  mqi::MQMD md;
  mqi::ObjectName q{};
  mqi::Bytes<16> token{};
  Long data_length = 0;
  Long properties_length = 0;
  char group_status = ' ';
  char segment_status = ' ';
  bool is_segmentation_allowed = false;
};

/// Of MQINQ and MQSET; the selectors and, for MQSET, the integers follow.
struct InquireRequest {
  mqi::Hobj hobj = 0;
  Long selector_count = 0;
};

struct InquireReply {
  Long int_count = 0;  ///< the integers follow, then the characters
};

template <class Structure>
void append(std::string& bytes, const Structure& structure) {
  bytes.append(reinterpret_cast<const char*>(&structure), sizeof structure);
}

/// Takes structures from the front of received bytes.
class Received {
 public:
  explicit Received(std::string_view bytes) : bytes_(bytes) {}

  template <class Structure>
  Structure take() {
    if (bytes_.size() < sizeof(Structure)) throw std::runtime_error("the frame is too short");
    Structure structure;
    std::memcpy(&structure, bytes_.data(), sizeof structure);
    bytes_.remove_prefix(sizeof structure);
    return structure;
  }
  std::string_view take(std::size_t size) {
    if (bytes_.size() < size) throw std::runtime_error("the frame is too short");
    const std::string_view front = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return front;
  }
  [[nodiscard]] std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

/// A name of fixed length, padded with blanks.
template <std::size_t kLength>
mqi::Chars<kLength> padded(std::string_view text) {
  mqi::Chars<kLength> name;
  name.fill(' ');
  std::memcpy(name.data(), text.data(), text.size() < kLength ? text.size() : kLength);
  return name;
}

/// A name of fixed length without its padding.
template <std::size_t kLength>
std::string text_of(const mqi::Chars<kLength>& name) {
  std::string_view text(name.data(), kLength);
  text = text.substr(0, text.find('\0'));
  const std::size_t last = text.find_last_not_of(' ');
  return std::string(last == std::string_view::npos ? "" : text.substr(0, last + 1));
}

inline bool is_none(const mqi::Id& id) { return id == mqi::Id{}; }

}  // namespace copybridge::mq_double
