// hiredis for the protocol, Boost.Asio for the connection: Debian's hiredis has no TLS.
#include "bridge/publishers/redis_peer.h"

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <future>
#include <string_view>
#include <thread>
#include <utility>

#include "bridge/core/threads.h"
#include "bridge/sockets/dialer.h"

namespace copybridge::publishers::redis {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::string_view kBodyField = "data";

struct ReplyFree {
  void operator()(void* reply) const { freeReplyObject(reply); }
};
using ReplyHandle = std::unique_ptr<redisReply, ReplyFree>;
struct ReaderFree {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};
using ReaderHandle = std::unique_ptr<redisReader, ReaderFree>;

std::string command(const std::vector<std::string_view>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string_view word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* formatted = nullptr;
  const auto size = redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), texts.data(),
                                           sizes.data());
  if (size < 0) return {};
  std::string bytes(formatted, static_cast<std::size_t>(size));
  redisFreeCommand(formatted);
  return bytes;
}

/// What a connection says first; each is answered.
struct Greeting {
  std::string bytes;
  std::size_t commands = 0;

  void add(const std::vector<std::string_view>& words) {
    bytes += command(words);
    ++commands;
  }
};

Result<Greeting> greeting_of(const Settings& settings) {
  Greeting greeting;
  const Result<std::string> password = settings.access.password.resolve();
  if (!password) return pass_on(password);
  if (!settings.access.user.empty()) greeting.add({"AUTH", settings.access.user, *password});
  const std::string database = std::to_string(settings.database);
  if (settings.database != 0) greeting.add({"SELECT", database});
  // Whoever may only append may not ping either: the answer is an error then, and an answer.
  greeting.add({"PING"});
  return greeting;
}

std::string_view words_of(const redisReply& reply) { return {reply.str, reply.len}; }

template <std::size_t N>
bool begins_with_one(std::string_view words, const std::array<std::string_view, N>& codes) {
  const std::string_view first = words.substr(0, words.find(' '));
  return std::ranges::find(codes, first) != codes.end();
}

constexpr std::array<std::string_view, 8> kRefusals = {
    "NOAUTH", "WRONGPASS", "NOPERM", "WRONGTYPE", "MOVED", "ASK", "CROSSSLOT", "DENIED"};
constexpr std::array<std::string_view, 4> kOfAnother = {"READONLY", "LOADING", "MASTERDOWN",
                                                        "CLUSTERDOWN"};
constexpr std::array<std::string_view, 4> kTroubles = {"BUSY", "MISCONF", "NOREPLICAS", "TRYAGAIN"};

bool is_error(const redisReply& reply) { return reply.type == REDIS_REPLY_ERROR; }

}  // namespace

std::string append_command(const Settings& settings, const OutMessage& message) {
  std::vector<std::string_view> words{"XADD", message.address};
  if (!settings.creates_stream) words.emplace_back("NOMKSTREAM");
  const std::string entries_max = std::to_string(settings.entries_max);
  if (settings.entries_max > 0) words.insert(words.end(), {"MAXLEN", "~", entries_max});
  words.emplace_back("*");
  for (const auto& [name, value] : message.headers) words.insert(words.end(), {name, value});
  words.insert(words.end(), {kBodyField, message.body});
  return command(words);
}

Response read_reply(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_STRING) return {.outcomes = {Outcome::accepted}};
  if (reply.type == REDIS_REPLY_NIL)
    return respond(Outcome::refused, "there is no such stream, and 'create' is not yes");
  if (!is_error(reply)) return respond(Outcome::retry, "the answer cannot be read");
  const std::string_view words = words_of(reply);
  const std::string reason = "answered " + plain_words(words);
  if (begins_with_one(words, kRefusals)) return respond(Outcome::refused, reason);
  if (words.starts_with("OOM ")) return respond(Outcome::throttled, reason);
  if (begins_with_one(words, kTroubles) || is_of_another_server(reply))
    return respond(Outcome::retry, reason);
  return respond(Outcome::doubtful, reason);
}

bool is_of_another_server(const redisReply& reply) {
  return is_error(reply) && begins_with_one(words_of(reply), kOfAnother);
}

/// One connection with its thread; everything but open(), send() and the destructor is the
/// thread's.
class Peer::Link {
 public:
  Link(AnsweredSession& session, const Settings& settings, std::size_t& server, Greeting greeting)
      : session_(session),
        settings_(settings),
        server_(server),
        greeting_(std::move(greeting)),
        work_(io_.get_executor()),
        timer_(io_),
        reader_(redisReaderCreate()) {}
  ~Link() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  Result<void> open() {
    std::future<Result<void>> opened = opening_.emplace().get_future();
    dialer_ = std::make_shared<sockets::Dialer>(
        io_, settings_.access, settings_.egress,
        [this](Result<std::unique_ptr<sockets::TlsStream>> made, bool tls) {
          server_ = dialer_->server();
          begin(std::move(made), tls);
        });
    dialer_->start(server_);
    thread_ = std::thread([this] {
      block_signals_in_this_thread();
      io_.run();
    });
    return opened.get();
  }

  void send(std::uint64_t number, std::string bytes) {
    asio::post(io_, [this, number, bytes = std::move(bytes)] {
      waiting_.push_back(number);
      out_ += bytes;
      write();
    });
  }

 private:
  void begin(Result<std::unique_ptr<sockets::TlsStream>> made, bool has_tls) {
    if (!made) {
      const std::string& reason = made.error().message;
      const bool is_refused = made.error().kind == ErrorKind::peer_refused ||
                              reason.find("certificate verify failed") != std::string::npos;
      return end(is_refused ? ErrorKind::peer_refused : ErrorKind::peer_away, reason);
    }
    stream_ = std::move(*made);
    has_tls_ = has_tls;
    timer_.expires_after(settings_.access.connect_timeout);
    timer_.async_wait([this](const error_code& error) {
      if (!error) end(ErrorKind::peer_away, "no answer within connect_timeout_ms");
    });
    out_ = greeting_.bytes;
    write();
    read();
  }

  void write() {
    if (stream_ == nullptr || !sending_.empty() || out_.empty()) return;
    sending_.swap(out_);
    on_stream([&](auto& stream) {
      asio::async_write(stream, asio::buffer(sending_),
                        [this](const error_code& error, std::size_t) {
                          if (error) return end(ErrorKind::peer_away, error.message());
                          sending_.clear();
                          write();
                        });
    });
  }

  void read() {
    on_stream([&](auto& stream) {
      stream.async_read_some(asio::buffer(in_), [this](const error_code& error, std::size_t size) {
        if (error) return end(ErrorKind::peer_away, error.message());
        take(size);
        if (stream_ != nullptr) read();
      });
    });
  }

  void take(std::size_t size) {
    redisReaderFeed(reader_.get(), in_.data(), size);
    while (stream_ != nullptr) {
      void* raw = nullptr;
      if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK)
        return end(ErrorKind::peer_away, plain_words(reader_->errstr));
      const ReplyHandle reply(static_cast<redisReply*>(raw));
      if (reply == nullptr) return;
      take(*reply);
    }
  }

  void take(const redisReply& reply) {
    if (opening_) return take_greeting(reply);
    if (waiting_.empty()) return end(ErrorKind::peer_away, "an answer to nothing");
    const std::uint64_t number = waiting_.front();
    waiting_.pop_front();
    session_.answer(number, read_reply(reply));
    if (!is_of_another_server(reply)) return;
    ++server_;
    end(ErrorKind::peer_away, {});
  }

  void take_greeting(const redisReply& reply) {
    const std::string reason = "answered " + plain_words(words_of(reply));
    if (is_of_another_server(reply)) {
      ++server_;
      return end(ErrorKind::peer_away, reason);
    }
    // The last is PING, which is answered in any case.
    if (is_error(reply) && (greeting_.commands > 1 || words_of(reply).starts_with("NOAUTH")))
      return end(ErrorKind::peer_refused, reason);
    if (--greeting_.commands > 0) return;
    timer_.cancel();
    std::exchange(opening_, std::nullopt)->set_value({});
  }

  /// Once: what was under way on the stream ends, too.
  void end(ErrorKind kind, const std::string& reason) {
    if (std::exchange(has_ended_, true)) return;
    timer_.cancel();
    error_code ignored;
    if (stream_ != nullptr) stream_->lowest_layer().close(ignored);
    closed_ = std::move(stream_);
    if (!opening_) return session_.reconnect();
    std::exchange(opening_, std::nullopt)->set_value(fail(kind, reason));
  }

  template <typename Use>
  void on_stream(Use use) {
    if (has_tls_) return use(*stream_);
    use(stream_->next_layer());
  }

  AnsweredSession& session_;
  const Settings& settings_;
  std::size_t& server_;
  Greeting greeting_;
  asio::io_context io_;
  const asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer timer_;
  const ReaderHandle reader_;
  std::optional<std::promise<Result<void>>> opening_;
  std::shared_ptr<sockets::Dialer> dialer_;
  std::unique_ptr<sockets::TlsStream> stream_;
  std::unique_ptr<sockets::TlsStream> closed_;  ///< operations on it end by themselves
  bool has_tls_ = false;
  bool has_ended_ = false;
  std::array<char, 16'384> in_{};
  std::string out_;
  std::string sending_;
  std::deque<std::uint64_t> waiting_;
  std::thread thread_;
};

Peer::Peer(AnsweredSession& session, std::shared_ptr<const Settings> settings)
    : session_(session), settings_(std::move(settings)) {}

Peer::~Peer() = default;

Result<void> Peer::connect() {
  Result<Greeting> greeting = greeting_of(*settings_);
  if (!greeting) return pass_on(greeting);
  link_ = std::make_unique<Link>(session_, *settings_, server_, std::move(*greeting));
  Result<void> opened = link_->open();
  if (!opened) link_.reset();
  return opened;
}

std::optional<Response> Peer::send(std::uint64_t number, const OutMessage& message) {
  std::string bytes = append_command(*settings_, message);
  if (bytes.empty()) return respond(Outcome::retry, "no memory for the command");
  link_->send(number, std::move(bytes));
  return std::nullopt;
}

void Peer::disconnect() { link_.reset(); }

}  // namespace copybridge::publishers::redis
