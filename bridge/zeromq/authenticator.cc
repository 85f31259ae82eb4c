// One list of public keys.
#include "bridge/zeromq/authenticator.h"

#include <algorithm>
#include <array>
#include <zmq_addon.hpp>

namespace copybridge::zeromq {
namespace {

constexpr std::size_t kKeyBytes = 32;
// Frames of a request: version, request id, domain, address, routing id, mechanism, credentials.
constexpr std::size_t kMechanismAt = 5;
constexpr std::size_t kKeyAt = 6;

}  // namespace

Authenticator::Authenticator(zmq::context_t& context, const std::vector<std::string>& client_keys)
    : socket_(context, zmq::socket_type::rep) {
  socket_.set(zmq::sockopt::linger, 0);
  for (const std::string& key : client_keys) {
    std::array<std::uint8_t, kKeyBytes> bytes{};
    if (zmq_z85_decode(bytes.data(), key.c_str()) != nullptr)
      keys_.emplace_back(bytes.begin(), bytes.end());
  }
  socket_.bind("inproc://zeromq.zap.01");
}

std::size_t Authenticator::answer() {
  std::size_t refused = 0;
  for (;;) {
    std::vector<zmq::message_t> asked;
    if (!zmq::recv_multipart(socket_, std::back_inserter(asked), zmq::recv_flags::dontwait))
      return refused;
    const bool is_curve = asked.size() > kKeyAt && asked[kMechanismAt].to_string_view() == "CURVE";
    const std::string key = is_curve ? asked[kKeyAt].to_string() : std::string();
    const bool is_known = is_curve && std::ranges::find(keys_, key) != keys_.end();
    refused += is_known ? 0 : 1;
    std::array<char, 41> text{};
    if (is_known) {
      zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
    }
    const std::string request_id = asked.size() > 1 ? asked[1].to_string() : std::string();
    const std::array<std::string, 6> answer = {
        "1.0",       request_id, is_known ? "200" : "400", is_known ? "OK" : "not known",
        text.data(), ""};
    std::vector<zmq::const_buffer> frames;
    frames.reserve(answer.size());
    for (const std::string& frame : answer) frames.push_back(zmq::buffer(frame));
    zmq::send_multipart(socket_, frames);
  }
}

}  // namespace copybridge::zeromq
