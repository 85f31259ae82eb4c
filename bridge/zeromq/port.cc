// Polling, receiving, sending.
#include "bridge/zeromq/port.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <zmq_addon.hpp>

namespace copybridge::zeromq {

Port::Port() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Result<void> Port::open(zmq::socket_type type, const SocketSettings& settings,
                        const std::vector<std::string>& topics) {
  close(Milliseconds(0));
  context_.emplace();
  if (settings.curve.is_on() && !settings.bind.empty())
    authenticator_.emplace(*context_, settings.curve.client_keys);
  Result<zmq::socket_t> socket = open_socket(*context_, type, settings);
  if (!socket) {
    close(Milliseconds(0));
    return pass_on(socket);
  }
  socket_.emplace(std::move(*socket));
  for (const std::string& topic : topics) socket_->set(zmq::sockopt::subscribe, topic);
  return {};
}

void Port::close(Milliseconds limit) {
  if (socket_) socket_->set(zmq::sockopt::linger, static_cast<int>(limit.count()));
  socket_.reset();
  // Who is asked whether a peer may connect must be there as long as sockets are.
  authenticator_.reset();
  context_.reset();
}

void Port::wait(Milliseconds limit) {
  std::array<zmq::pollitem_t, 3> items{};
  std::size_t count = 0;
  items[count++] = {nullptr, wake_.number(), ZMQ_POLLIN, 0};
  if (socket_) items[count++] = {socket_->handle(), 0, ZMQ_POLLIN, 0};
  if (authenticator_) items[count++] = {authenticator_->socket().handle(), 0, ZMQ_POLLIN, 0};
  try {
    zmq::poll(items.data(), count, limit);
  } catch (const zmq::error_t&) {
    // A signal: whoever waits looks again.
  }
  std::uint64_t rings = 0;
  while (::read(wake_.number(), &rings, sizeof rings) > 0) {
  }
  if (authenticator_) refused_ += authenticator_->answer();
}

void Port::wake() {
  const std::uint64_t one = 1;
  // Full is as good as one.
  static_cast<void>(!::write(wake_.number(), &one, sizeof one));
}

bool Port::receive(std::vector<zmq::message_t>& frames) {
  frames.clear();
  if (!socket_) return false;
  try {
    return zmq::recv_multipart(*socket_, std::back_inserter(frames), zmq::recv_flags::dontwait)
        .has_value();
  } catch (const zmq::error_t&) {
    return false;
  }
}

bool Port::send(const std::vector<std::string_view>& frames) {
  if (!socket_) return false;
  std::vector<zmq::const_buffer> buffers;
  buffers.reserve(frames.size());
  for (const std::string_view frame : frames) buffers.emplace_back(frame.data(), frame.size());
  try {
    return zmq::send_multipart(*socket_, buffers, zmq::send_flags::dontwait).has_value();
  } catch (const zmq::error_t&) {
    return false;
  }
}

std::size_t Port::take_refused() { return std::exchange(refused_, 0); }

std::string sender_of(const zmq::message_t& message) {
  const char* key = zmq_msg_gets(const_cast<zmq_msg_t*>(message.handle()), "User-Id");
  return key == nullptr ? std::string() : std::string(key);
}

}  // namespace copybridge::zeromq
