// The loop: a listener or a connection of the bridge's own, limits of time, the end.
#include "adapters/tcp/hub.h"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "bridge/core/complaints.h"
#include "bridge/core/log_connections.h"
#include "bridge/core/log_events.h"
#include "bridge/core/threads.h"
#include "bridge/sockets/acceptor.h"
#include "bridge/sockets/dialer.h"
#include "bridge/sockets/server_tls.h"

namespace copybridge::adapters::tcp {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kLookAtTimes{100};
constexpr std::chrono::milliseconds kLookForEnd{10};
constexpr std::chrono::seconds kHandshakeLimit{10};

}  // namespace

class Hub::Loop {
 public:
  Loop(const HubSettings& settings, Intake& intake, const Clock& clock, Log& log)
      : settings_(settings),
        intake_(intake),
        clock_(clock),
        log_(log),
        context_(std::make_shared<asio::io_context>(1)),
        work_(context_->get_executor()),
        acceptor_(*context_, [this](tcp::socket socket) { serve(std::move(socket)); }),
        look_timer_(*context_),
        tls_("tcp", settings.tls),
        refused_(clock,
                 [this](std::uint64_t count, std::string_view reason) {
                   log_connections_refused(log_, settings_.name, count, reason);
                 }),
        broken_(clock, [this](std::uint64_t count, std::string_view reason) {
          log_connections_broken(log_, settings_.name, count, reason);
        }) {}
  ~Loop() { close(Milliseconds(0)); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Result<void> open() {
    // Its secrets are there.
    if (auto conversation = settings_.make_conversation(); !conversation)
      return pass_on(conversation);
    if (settings_.listen) {
      Result<void> listening = listen();
      if (!listening) return listening;
    }
    look();
    thread_ = std::thread([this] {
      block_signals_in_this_thread();
      context_->run();
    });
    return {};
  }

  void close(Milliseconds limit) {
    if (!thread_.joinable()) return;
    asio::post(*context_, [this, until = std::chrono::steady_clock::now() + limit] {
      error_code ignored;
      acceptor_.close();
      if (dialer_ != nullptr) dialer_->cancel();
      refused_.flush();
      broken_.flush();
      is_closing_ = true;
      close_at_ = until;
      end_all(false);
      for (const auto& stream : handshakes_) stream->lowest_layer().close(ignored);
      look_timer_.cancel();
      work_.reset();
    });
    thread_.join();
  }

  void connect() {
    {
      const std::scoped_lock lock(link_mutex_);
      if (link_.state == Link::State::trying || link_.state == Link::State::open) return;
      link_.state = Link::State::trying;
    }
    asio::post(*context_, [this] { dial(); });
  }
  [[nodiscard]] Link link() const {
    const std::scoped_lock lock(link_mutex_);
    return link_;
  }
  void settle(std::uint64_t number, std::size_t records, bool are_safe) {
    asio::post(*context_, [this, number, records, are_safe] {
      const auto found = connections_.find(number);
      if (found == connections_.end()) return;
      // It may go from the map meanwhile.
      const std::shared_ptr<Connection> connection = found->second;
      are_safe ? connection->settled(records) : connection->refused();
    });
  }
  void resume() {
    asio::post(*context_, [this] { for_all([](Connection& connection) { connection.resume(); }); });
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool has_broken() const { return has_broken_; }

 private:
  template <typename Do>
  void for_all(Do what) {
    // What is done may end a connection, which takes it out of the map.
    const auto all = connections_;
    for (const auto& [number, connection] : all) what(*connection);
  }
  void end_all(bool at_once) {
    for_all([at_once](Connection& connection) { connection.end(at_once); });
  }

  Result<void> listen() {
    if (settings_.tls.is_on()) {
      Result<void> loaded = tls_.load();
      if (!loaded) return loaded;
    }
    Result<void> opened = acceptor_.open(*settings_.listen, "tcp");
    if (!opened) return opened;
    log_listening(log_, settings_.name, settings_.listen->address, acceptor_.port(),
                  settings_.tls.is_on());
    return {};
  }

  void serve(tcp::socket socket) {
    if (connections_.size() + handshakes_.size() >= settings_.connections_max)
      return refused_.add("connections_max is reached");
    set_up(socket);
    if (!settings_.tls.is_on()) {
      auto conversation = settings_.make_conversation();
      if (!conversation) return refused_.add(conversation.error().message);
      return add(make_connection(next_context(), std::move(socket), std::move(*conversation)));
    }
    if (const Result<void> fresh = tls_.refresh(); !fresh)
      log_source_detail(log_, settings_.name, fresh.error().message);
    shake_hands(std::make_unique<sockets::TlsStream>(std::move(socket), tls_.context()));
  }

  static void set_up(tcp::socket::lowest_layer_type& socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    // A peer that has gone without a word is found some time.
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
  }

  void shake_hands(std::unique_ptr<sockets::TlsStream> made) {
    const std::shared_ptr<sockets::TlsStream> stream(std::move(made));
    handshakes_.insert(stream);
    const auto limit = std::make_shared<asio::steady_timer>(*context_, kHandshakeLimit);
    limit->async_wait([stream](error_code error) {
      error_code ignored;
      if (!error) stream->lowest_layer().close(ignored);
    });
    stream->async_handshake(asio::ssl::stream_base::server,
                            [this, stream, limit](error_code error) {
                              limit->cancel();
                              handshakes_.erase(stream);
                              if (error)
                                return refused_.add("the TLS handshake failed: " + error.message());
                              admit(stream);
                            });
  }

  void admit(const std::shared_ptr<sockets::TlsStream>& stream) {
    const std::vector<std::string> names = sockets::peer_names(stream->native_handle());
    const std::string* name = settings_.tls.admitted(names);
    if (!settings_.tls.client_names.empty() && name == nullptr)
      return refused_.add("a client's certificate is not let in");
    if (is_closing_) return;
    auto conversation = settings_.make_conversation();
    if (!conversation) return refused_.add(conversation.error().message);
    add(make_connection(next_context(), std::make_unique<sockets::TlsStream>(std::move(*stream)),
                        name == nullptr ? std::string() : *name, std::move(*conversation)));
  }

  [[nodiscard]] ConnectionContext next_context() {
    return {.number = next_number_++,
            .context = context_,
            .settings = settings_.connection,
            .intake = &intake_,
            .clock = &clock_,
            .ended = [this](std::uint64_t number, const Ending& ending) {
              note_ended(number, ending);
            }};
  }

  void add(const std::shared_ptr<Connection>& connection) {
    connections_[connection->number()] = connection;
    count_ = connections_.size();
    connection->start();
  }

  void note_ended(std::uint64_t number, const Ending& ending) {
    connections_.erase(number);
    count_ = connections_.size();
    if (ending.kind == Ending::Kind::broken) {
      has_broken_ = true;
      broken_.add(ending.reason);
    }
    if (settings_.listen) {
      // Who has said everything, and has every answer, may hang up as he likes.
      const bool is_cut_off = ending.kind == Ending::Kind::lost && ending.is_within_work;
      if (is_cut_off || ending.kind == Ending::Kind::limited) refused_.add(ending.reason);
      return;
    }
    const bool is_finished = ending.kind == Ending::Kind::finished && ending.records > 0;
    set_link(is_finished ? Link::State::finished : Link::State::failed,
             is_finished || !ending.reason.empty() ? ending.reason : "the connection has ended");
  }

  void dial() {
    if (is_closing_) return;
    dialer_ = std::make_shared<sockets::Dialer>(
        *context_, settings_.access, settings_.egress,
        [this](Result<std::unique_ptr<sockets::TlsStream>> stream, bool has_tls) {
          note_dialed(std::move(stream), has_tls);
        });
    dialer_->start(server_);
  }

  void note_dialed(Result<std::unique_ptr<sockets::TlsStream>> stream, bool has_tls) {
    server_ = dialer_->server();
    dialer_.reset();
    if (!stream) return set_link(Link::State::failed, stream.error().message);
    auto conversation = settings_.make_conversation();
    if (!conversation) return set_link(Link::State::failed, conversation.error().message);
    set_up((*stream)->lowest_layer());
    set_link(Link::State::open, {});
    if (has_tls) {
      return add(make_connection(next_context(), std::move(*stream), {}, std::move(*conversation)));
    }
    add(make_connection(next_context(), std::move((*stream)->next_layer()),
                        std::move(*conversation)));
  }

  void set_link(Link::State state, std::string reason) {
    {
      const std::scoped_lock lock(link_mutex_);
      link_.state = state;
      link_.failure.reset();
      if (state == Link::State::failed) link_.failure = {ErrorKind::source, std::move(reason), {}};
    }
    intake_.interrupt();
  }

  /// Limits of time; at the end the loop runs until nothing is under way any more.
  void look() {
    if (is_closing_ && connections_.empty()) return;
    if (is_closing_ && std::chrono::steady_clock::now() >= close_at_) return end_all(true);
    for_all([now = clock_.now()](Connection& connection) { connection.check_time(now); });
    look_timer_.expires_after(is_closing_ ? kLookForEnd : kLookAtTimes);
    look_timer_.async_wait([this](error_code) { look(); });
  }

  const HubSettings& settings_;
  Intake& intake_;
  const Clock& clock_;
  Log& log_;
  const std::shared_ptr<asio::io_context> context_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  sockets::Acceptor acceptor_;
  asio::steady_timer look_timer_;
  sockets::TlsContext tls_;
  Complaints refused_;
  Complaints broken_;
  std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
  std::uint64_t next_number_ = 1;
  std::set<std::shared_ptr<sockets::TlsStream>> handshakes_;  ///< under way
  std::shared_ptr<sockets::Dialer> dialer_;
  std::size_t server_ = 0;  ///< to begin with
  bool is_closing_ = false;
  std::chrono::steady_clock::time_point close_at_;
  std::atomic<std::size_t> count_ = 0;
  std::atomic<bool> has_broken_ = false;
  mutable std::mutex link_mutex_;
  Link link_;
  std::thread thread_;
};

Hub::Hub(HubSettings settings, Intake& intake, const Clock& clock, Log& log)
    : settings_(std::move(settings)), intake_(intake), clock_(clock), log_(log) {}

Hub::~Hub() { close(Milliseconds(0)); }

Result<void> Hub::open() {
  close(Milliseconds(0));
  auto loop = std::make_shared<Loop>(settings_, intake_, clock_, log_);
  Result<void> opened = loop->open();
  if (opened) loop_ = std::move(loop);
  return opened;
}

void Hub::close(Milliseconds limit) {
  if (loop_ == nullptr) return;
  loop_->close(limit);
  loop_.reset();
}

void Hub::connect() {
  if (loop_ != nullptr) loop_->connect();
}
Link Hub::link() const { return loop_ == nullptr ? Link{} : loop_->link(); }

void Hub::settle(std::uint64_t connection, std::size_t records, bool are_safe) {
  if (loop_ != nullptr) loop_->settle(connection, records, are_safe);
}
void Hub::resume() {
  if (loop_ != nullptr) loop_->resume();
}
std::size_t Hub::connections() const { return loop_ == nullptr ? 0 : loop_->count(); }
bool Hub::has_broken() const { return loop_ != nullptr && loop_->has_broken(); }

}  // namespace copybridge::adapters::tcp
