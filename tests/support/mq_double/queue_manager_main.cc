// The queue manager of the double as a program: mq_double FOLDER. It reads queue_manager.yaml of
// the folder, listens on FOLDER/socket, says `started` on standard error and runs until it is
// killed. A connection that ends without MQDISC has its unit of work backed out at that moment.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <system_error>
#include <unordered_map>

#include "tests/support/mq_double/queue_manager.h"

namespace copybridge::mq_double {
namespace {

struct Connection {
  int socket = -1;
  std::string received{};
  std::string unsent{};
  Session session{};
  bool is_lost = false;
  bool is_congested = false;  ///< waits until its socket takes more
};

class Server {
 public:
  explicit Server(const std::filesystem::path& folder) : queue_manager_(folder) {
    poll_ = ::epoll_create1(EPOLL_CLOEXEC);
    listen_at(folder / "socket");
    watch(listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 64> events{};
    while (true) {
      const int timeout = queue_manager_.expire_waits();
      send_woken();
      const int count =
          ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), timeout);
      for (int i = 0; i < count; ++i) serve(events[static_cast<std::size_t>(i)]);
    }
  }

 private:
  void listen_at(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path)
      throw std::runtime_error("the folder's path is too long for a socket");
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    std::filesystem::remove(path);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 64) != 0)
      throw std::system_error(errno, std::generic_category(), path.string());
  }

  void watch(int socket, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = socket;
    if (::epoll_ctl(poll_, EPOLL_CTL_MOD, socket, &event) != 0)
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event);
  }

  void serve(const epoll_event& event) {
    if (event.data.fd == listener_) {
      accept();
      return;
    }
    const auto found = connections_.find(event.data.fd);
    if (found == connections_.end()) return;
    Connection& connection = *found->second;
    if ((event.events & EPOLLOUT) != 0) send(connection, "");
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(connection);
    send_woken();
    if (connection.is_lost) lose(connection);
  }

  void accept() {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    auto connection = std::make_unique<Connection>();
    connection->socket = socket;
    connections_[socket] = std::move(connection);
    watch(socket, EPOLLIN);
  }

  void receive(Connection& connection) {
    char bytes[65536];
    while (true) {
      const ssize_t count = ::recv(connection.socket, bytes, sizeof bytes, 0);
      if (count <= 0) {
        connection.is_lost = count == 0 || (errno != EAGAIN && errno != EINTR);
        break;
      }
      connection.received.append(bytes, static_cast<std::size_t>(count));
      if (static_cast<std::size_t>(count) < sizeof bytes) break;
    }
    answer_requests(connection);
  }

  void answer_requests(Connection& connection) {
    std::string& received = connection.received;
    while (received.size() >= sizeof(RequestHead)) {
      const auto head = Received(received).take<RequestHead>();
      if (received.size() < sizeof head + head.length) return;
      const std::string_view request = std::string_view(received).substr(sizeof head, head.length);
      if (const std::optional<Reply> reply =
              queue_manager_.handle(connection.session, head.verb, request))
        send(connection, framed(*reply));
      received.erase(0, sizeof head + head.length);
    }
  }

  static std::string framed(const Reply& reply) {
    std::string bytes;
    append(bytes, ReplyHead{static_cast<std::uint32_t>(reply.bytes.size()), reply.outcome});
    return bytes + reply.bytes;
  }

  void send(Connection& connection, const std::string& bytes) {
    std::string& unsent = connection.unsent;
    unsent += bytes;
    while (!unsent.empty()) {
      const ssize_t count = ::send(connection.socket, unsent.data(), unsent.size(), MSG_NOSIGNAL);
      if (count < 0) break;
      unsent.erase(0, static_cast<std::size_t>(count));
    }
    if (unsent.empty() && !connection.is_congested) return;
    connection.is_congested = !unsent.empty();
    watch(connection.socket, connection.is_congested ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  void send_woken() {
    for (auto& [session, reply] : queue_manager_.take_woken())
      for (auto& [socket, connection] : connections_)
        if (&connection->session == session) send(*connection, framed(reply));
  }

  void lose(Connection& connection) {
    const int socket = connection.socket;
    queue_manager_.lose(connection.session);
    ::close(socket);
    connections_.erase(socket);
    send_woken();
  }

  QueueManager queue_manager_;
  int poll_ = -1;
  int listener_ = -1;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
};

}  // namespace
}  // namespace copybridge::mq_double

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: mq_double FOLDER\n", stderr);
    return 2;
  }
  // Goes with the test that started it, however that ends.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    copybridge::mq_double::Server server(argv[1]);
    std::fputs("started\n", stderr);
    server.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mq_double: %s\n", error.what());
    return 1;
  }
}
