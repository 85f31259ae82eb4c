// Frames to and from the queue manager, and who may call on a connection.
#include "tests/support/mq_double/client.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace copybridge::mq_double {
namespace {

namespace rc = mqi::rc;

bool send_all(int socket, std::array<iovec, 3> parts) {
  std::size_t at = 0;
  while (at < parts.size()) {
    msghdr message{};
    message.msg_iov = &parts[at];
    message.msg_iovlen = parts.size() - at;
    ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    while (at < parts.size() && static_cast<std::size_t>(sent) >= parts[at].iov_len)
      sent -= static_cast<ssize_t>(parts[at++].iov_len);
    if (at == parts.size()) break;
    parts[at].iov_base = static_cast<char*>(parts[at].iov_base) + sent;
    parts[at].iov_len -= static_cast<std::size_t>(sent);
  }
  return true;
}

iovec part_of(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};  // NOLINT: sendmsg only reads
}

/// One whole frame; there is never a second one behind it.
bool receive_frame(int socket, std::string& buffer) {
  constexpr std::size_t kChunk = 65536;
  std::size_t filled = 0;
  std::size_t wanted = sizeof(ReplyHead);
  while (filled < wanted) {
    if (buffer.size() < std::max(wanted, filled + kChunk / 2))
      buffer.resize(std::max(wanted, filled + kChunk));
    const ssize_t count = ::recv(socket, buffer.data() + filled, buffer.size() - filled, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    filled += static_cast<std::size_t>(count);
    if (filled < sizeof(ReplyHead)) continue;
    wanted = sizeof(ReplyHead) + Received(buffer).take<ReplyHead>().length;
  }
  return true;
}

/// Lets a thread in, as the share option of the handle says.
Outcome enter(Connection& connection, std::unique_lock<std::mutex>& lock) {
  const std::thread::id self = std::this_thread::get_id();
  const bool is_callback = connection.deliverer_id == self;
  if (connection.share == mqi::cno::kHandleShareNone && connection.owner != self && !is_callback)
    return failed(rc::kHconnError);
  if (!is_callback) {
    const std::lock_guard async(connection.async);
    if (connection.state == AsyncState::started) return failed(rc::kHconnAsyncActive);
  }
  if (connection.share == mqi::cno::kHandleShareNoBlock) {
    if (!lock.try_lock()) return failed(rc::kCallInProgress);
  } else {
    lock.lock();
  }
  return {};
}

Outcome happen(Connection& connection, std::string_view name, const Fault& fault) {
  if (fault.reason == rc::kConnectionBroken) connection.break_off();
  if (fault.reason == rc::kBackedOut && name == "MQCMIT") {
    connection.ask(Verb::backout, std::string_view());
    return warned(rc::kBackedOut);
  }
  return failed(fault.reason);
}

}  // namespace

Connection::~Connection() { break_off(); }

bool Connection::reach(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + "/socket";
  if (path.size() >= sizeof address.sun_path) return false;
  path.copy(address.sun_path, path.size());
  break_off();
  is_broken_ = false;
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

void Connection::break_off() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  is_broken_ = true;
}

Outcome Connection::ask(Verb verb, std::string_view structure, std::string_view bytes) {
  if (is_broken_) return failed(rc::kConnectionBroken);
  std::string head;
  append(head, RequestHead{static_cast<std::uint32_t>(structure.size() + bytes.size()), verb});
  if (!send_all(socket_, {part_of(head), part_of(structure), part_of(bytes)}) ||
      !receive_frame(socket_, buffer_)) {
    break_off();
    return failed(rc::kConnectionBroken);
  }
  return Received(buffer_).take<ReplyHead>().outcome;
}

void run_verb(std::string_view name, mqi::Hconn hconn, Long* comp_code, Long* reason,
              const VerbBody& body) {
  const std::shared_ptr<Connection> connection = find_connection(hconn);
  if (!connection) {
    answer(failed(rc::kHconnError), comp_code, reason);
    return;
  }
  std::unique_lock lock(connection->call, std::defer_lock);
  Outcome outcome = enter(*connection, lock);
  if (outcome.comp_code != mqi::cc::kOk) {
    answer(outcome, comp_code, reason);
    return;
  }
  const Fault fault = next_fault(name);
  kill_if_asked(fault, false);
  if (fault.reason != 0 && !fault.is_after)
    outcome = happen(*connection, name, fault);
  else
    outcome = body(*connection);
  kill_if_asked(fault, true);
  if (fault.reason != 0 && fault.is_after) outcome = happen(*connection, name, fault);
  answer(outcome, comp_code, reason);
}

}  // namespace copybridge::mq_double
