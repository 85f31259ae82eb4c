// Sessions as coroutines on one thread.
#include "bridge/stomp/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <charconv>

#include "bridge/core/letters.h"
#include "bridge/sockets/client_tls.h"

namespace copybridge::stomp {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;

constexpr std::size_t kReadBytes = 65'536;
/// A broker that wants to hear of the bridge without pause hears it so often.
constexpr Milliseconds kSendEveryMin{100};
constexpr std::string_view kGoodbye = "goodbye";
constexpr std::array<std::string_view, 7> kRefusals = {
    "access_refused", "access refused", "denied",        "not_found",
    "not authorized", "bad connect",    "authentication"};

bool is_refusal(std::string_view message) {
  const std::string text = in_small_letters(std::string(message));
  return std::ranges::any_of(
      kRefusals, [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

/// `sx,sy` of the header heart-beat; zeros where it is not there.
std::pair<Milliseconds, Milliseconds> heart_beat_of(std::string_view text) {
  const auto number = [](std::string_view digits) {
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return Milliseconds(std::clamp<std::int64_t>(value, 0, 3'600'000));
  };
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return {};
  return {number(text.substr(0, comma)), number(text.substr(comma + 1))};
}

/// The longer of what one can and the other wants; 0 where either is.
Milliseconds agreed(Milliseconds can, Milliseconds wanted) {
  return can.count() == 0 || wanted.count() == 0 ? Milliseconds{0} : std::max(can, wanted);
}

}  // namespace

Connection::Connection(ClientSettings settings, ConnectionUser& user)
    : settings_(std::move(settings)), user_(user) {}

void Connection::start() {
  if (thread_.joinable()) return;
  context_ = std::make_unique<asio::io_context>(1);
  out_changed_ = std::make_unique<asio::steady_timer>(*context_);
  wants_changed_ = std::make_unique<asio::steady_timer>(*context_);
  work_.emplace(context_->get_executor());
  is_trying_ = is_open_ = is_stopping_ = is_leaving_ = false;
  thread_ = std::thread([this] { context_->run(); });
}

void Connection::connect() {
  asio::post(*context_, [this] {
    if (is_trying_ || is_stopping_) return;
    is_trying_ = true;
    asio::co_spawn(*context_, try_servers(), asio::detached);
  });
}

void Connection::wake() {
  asio::post(*context_, [this] {
    if (!is_open_ || error_ || is_leaving_) return;
    user_.woken();
    wants_changed_->cancel();
  });
}

void Connection::stop(Milliseconds limit) {
  if (!thread_.joinable()) return;
  asio::post(*context_, [this, limit] {
    is_stopping_ = true;
    // Timers that are left need not run out.
    if (!is_trying_) return context_->stop();
    const Error closed{ErrorKind::peer_away, "stomp: closed by the bridge", {}};
    if (!is_open_ || error_) return give_up(closed);
    if (!is_leaving_) user_.woken();
    disconnect(closed);
    asio::co_spawn(*context_, limit_time(limit, session_, "no goodbye"), asio::detached);
  });
  thread_.join();
  work_.reset();
  out_changed_.reset();
  wants_changed_.reset();
  context_.reset();
}

void Connection::send(std::string_view command,
                      std::span<const std::pair<std::string_view, std::string_view>> headers,
                      std::optional<std::string_view> body) {
  append_frame(out_, command, headers, body, version_);
  out_changed_->cancel();
}

void Connection::note(Error error) {
  if (!error_) error_ = std::move(error);
}

void Connection::close_socket() {
  boost::system::error_code ignored;
  if (socket_ != nullptr) socket_->close(ignored);
  out_changed_->cancel();
  wants_changed_->cancel();
}

void Connection::give_up(Error error) {
  note(std::move(error));
  close_socket();
}

void Connection::disconnect(Error error) {
  if (is_leaving_) return;
  const std::pair<std::string_view, std::string_view> headers[] = {{"receipt", kGoodbye}};
  send("DISCONNECT", headers);
  is_leaving_ = true;
  wants_changed_->cancel();
  note(std::move(error));
}

void Connection::set_alarm(Milliseconds time) {
  asio::co_spawn(*context_, ring(time, session_), asio::detached);
}

Connection::Nothing Connection::ring(Milliseconds time, std::uint64_t session) {
  asio::steady_timer timer(*context_, time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (session == session_ && is_open_ && !error_) user_.timed_out();
}

/// Ends the session where it is the same one after the time, and not open.
Connection::Nothing Connection::limit_time(Milliseconds time, std::uint64_t session,
                                           std::string what) {
  asio::steady_timer timer(*context_, time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (session != session_ || (is_open_ && !is_leaving_)) co_return;
  give_up({ErrorKind::peer_away,
           "stomp: " + settings_.access.servers[server_].address() + ": " + what + " within " +
               std::to_string(time.count()) + " ms",
           {}});
}

Connection::Nothing Connection::try_servers() {
  std::string failures;
  bool was_open = false;
  const std::size_t count = settings_.access.servers.size();
  for (std::size_t i = 0; i < count && !was_open && !is_stopping_; ++i) {
    error_.reset();
    ++session_;
    co_await try_server(settings_.access.servers[server_]);
    ++session_;
    was_open = std::exchange(is_open_, false);
    is_leaving_ = false;
    socket_ = nullptr;
    // The one that is tried next is another one: this one may be going down.
    server_ = (server_ + 1) % count;
    if (error_) failures += (failures.empty() ? "" : "; ") + error_->message;
  }
  Error error = error_.value_or(Error{ErrorKind::peer_away, "stomp: closed by the bridge", {}});
  if (!failures.empty()) error.message = failures;
  error_.reset();
  is_trying_ = false;
  user_.ended(error);
  if (is_stopping_) context_->stop();
}

Connection::Nothing Connection::try_server(const broker::Server& server) {
  asio::co_spawn(*context_, limit_time(settings_.access.connect_timeout, session_, "no login"),
                 asio::detached);
  const std::string place = "stomp: " + server.address() + ": ";
  try {
    const auto found =
        co_await sockets::resolve(context_->get_executor(), settings_.egress, server);
    if (!found) {
      note({found.error().kind, place + found.error().message, {}});
      co_return;
    }
    asio::ssl::context tls(asio::ssl::context::tls_client);
    if (server.has_tls) {
      if (Result<void> ready = sockets::set_up_context("stomp", settings_.access, tls); !ready) {
        note(ready.error());
        co_return;
      }
    }
    if (error_) co_return;  // The time is over.
    sockets::TlsStream stream(*context_, tls);
    socket_ = &stream.next_layer();
    const Result<void> reached =
        co_await sockets::connect(stream.next_layer(), *found, settings_.egress, server);
    if (!reached) {
      note({reached.error().kind, place + reached.error().message, {}});
      socket_ = nullptr;
      co_return;
    }
    if (server.has_tls) {
      sockets::set_up_stream(settings_.access, server, stream);
      co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
      co_await talk(stream, server);
    } else {
      co_await talk(stream.next_layer(), server);
    }
    note({ErrorKind::peer_away, place + "the connection is lost", {}});
  } catch (const boost::system::system_error& failure) {
    const std::string text = failure.code().message();
    const bool is_refused = text.find("certificate") != std::string::npos;
    note({is_refused ? ErrorKind::peer_refused : ErrorKind::peer_away, place + text, {}});
  }
  socket_ = nullptr;
}

template <typename Stream>
Connection::Nothing Connection::talk(Stream& stream, const broker::Server& server) {
  out_.clear();
  version_ = Version::v1_2;
  send_every_ = hear_every_ = Milliseconds{0};
  parser_ =
      std::make_unique<FrameParser>(FrameLimits{.body_bytes_max = settings_.message_bytes_max});
  if (Result<void> ready = log_in(); !ready) {
    note(ready.error());
    co_return;
  }
  sent_at_ = heard_at_ = SteadyTime::clock::now();
  const std::string place = "stomp: " + server.address() + ": ";
  co_await (guarded(read_all(stream), place) || guarded(write_all(stream), place) ||
            guarded(beat(), place));
}

/// Where one ends, however it does, the others have nothing to wait for.
Connection::Nothing Connection::guarded(Nothing loop, std::string place) {
  try {
    co_await std::move(loop);
  } catch (const boost::system::system_error& failure) {
    note({ErrorKind::peer_away, place + failure.code().message(), {}});
  }
  close_socket();
}

Result<void> Connection::log_in() {
  const Result<std::string> passcode =
      settings_.access.password.is_empty() ? std::string() : settings_.access.password.resolve();
  if (!passcode) return fail(ErrorKind::peer_refused, passcode.error().message);
  const std::string beats = std::to_string(settings_.send_every.count()) + "," +
                            std::to_string(settings_.hear_every.count());
  std::vector<std::pair<std::string_view, std::string_view>> headers = {
      {"accept-version", "1.0,1.1,1.2"}, {"host", settings_.virtual_host}, {"heart-beat", beats}};
  if (!settings_.access.user.empty()) {
    headers.emplace_back("login", settings_.access.user);
    headers.emplace_back("passcode", *passcode);
  }
  send("CONNECT", headers);
  return {};
}

template <typename Stream>
Connection::Nothing Connection::read_all(Stream& stream) {
  std::string piece(kReadBytes, '\0');
  for (;;) {
    const std::size_t size =
        co_await stream.async_read_some(asio::buffer(piece), asio::use_awaitable);
    heard_at_ = SteadyTime::clock::now();
    parser_->feed(std::string_view(piece).substr(0, size));
    for (;;) {
      Result<std::optional<Frame>> frame = parser_->next();
      if (!frame) note(frame.error());
      if (!frame) co_return;
      if (!*frame) break;
      if ((*frame)->command == "RECEIPT" && (*frame)->header("receipt-id") == kGoodbye) co_return;
      take(std::move(**frame));
      if (error_ && !is_leaving_) co_return;
    }
    while (is_open_ && !is_leaving_ && !user_.wants_more()) {
      wants_changed_->expires_at(SteadyTime::max());
      co_await wants_changed_->async_wait(asio::as_tuple(asio::use_awaitable));
      heard_at_ = SteadyTime::clock::now();
      if (error_ && !is_leaving_) co_return;
    }
  }
}

template <typename Stream>
Connection::Nothing Connection::write_all(Stream& stream) {
  std::string writing;
  for (;;) {
    if (error_ && !is_leaving_) co_return;
    if (out_.empty()) {
      out_changed_->expires_at(SteadyTime::max());
      co_await out_changed_->async_wait(asio::as_tuple(asio::use_awaitable));
      continue;
    }
    writing.clear();
    writing.swap(out_);
    co_await asio::async_write(stream, asio::buffer(writing), asio::use_awaitable);
    sent_at_ = SteadyTime::clock::now();
  }
}

/// Heart-beats both ways.
Connection::Nothing Connection::beat() {
  asio::steady_timer timer(*context_);
  for (;;) {
    const Milliseconds shortest =
        std::min(send_every_.count() > 0 ? send_every_ : Milliseconds{1'000},
                 hear_every_.count() > 0 ? hear_every_ : Milliseconds{1'000});
    timer.expires_after(std::max(shortest / 2, kSendEveryMin / 2));
    co_await timer.async_wait(asio::use_awaitable);
    const SteadyTime now = SteadyTime::clock::now();
    if (send_every_.count() > 0 && out_.empty() && now - sent_at_ >= send_every_ / 2) {
      out_ += '\n';
      out_changed_->cancel();
    }
    // Who is not read is not silent.
    if (is_open_ && !user_.wants_more()) heard_at_ = now;
    if (hear_every_.count() > 0 && now - heard_at_ > 2 * hear_every_) {
      note({ErrorKind::peer_away,
            "stomp: " + settings_.access.servers[server_].address() + ": no heart-beat for " +
                std::to_string(2 * hear_every_.count()) + " ms",
            {}});
      co_return;
    }
  }
}

void Connection::take(Frame frame) {
  if (frame.command == "ERROR") return take_error(frame);
  if (is_open_) {
    if (!is_leaving_) user_.received(std::move(frame));
  } else if (frame.command == "CONNECTED") {
    take_connected(frame);
  } else {
    note({ErrorKind::peer_away, "stomp: the peer does not answer the login", {}});
  }
}

void Connection::take_connected(const Frame& frame) {
  const std::string_view version = frame.header("version");
  version_ = version == "1.2" ? Version::v1_2 : Version::v1_1;
  if (version.empty() || version == "1.0") version_ = Version::v1_0;
  parser_->set_version(version_);
  server_name_ = frame.header("server");
  const auto [can_send, wants] = heart_beat_of(frame.header("heart-beat"));
  send_every_ = agreed(settings_.send_every, wants);
  if (send_every_.count() > 0) send_every_ = std::max(send_every_, kSendEveryMin);
  hear_every_ = agreed(can_send, settings_.hear_every);
  is_open_ = true;
  user_.opened();
}

/// Its body may repeat what was sent, and is not shown.
void Connection::take_error(const Frame& frame) {
  const std::string_view message = frame.header("message");
  const bool is_refused = !is_open_ || is_refusal(message);
  const Error error{is_refused ? ErrorKind::peer_refused : ErrorKind::peer_away,
                    "stomp: " + settings_.access.servers[server_].address() + ": ERROR " +
                        std::string(message.substr(0, 200)),
                    {}};
  if (is_open_) user_.refused(frame.header("receipt-id"), error);
  note(error);
  is_leaving_ = false;
  close_socket();
}

}  // namespace copybridge::stomp
