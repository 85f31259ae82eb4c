// Sends records over one connection, which answers each or none.
#include "bridge/publishers/tcp_publisher.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "bridge/core/threads.h"
#include "bridge/publishers/file_format.h"
#include "bridge/sockets/dialer.h"
#include "codecs/framing/options.h"

namespace copybridge::publishers {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr broker::Protocol kProtocol{"tcp", "tcp", "tls", 0, 0};
constexpr std::size_t kAcknowledgementBytesMax = 64;

constexpr OptionSpec kFirstOptions[] = {
    {.name = "servers",
     .type = OptionType::text_list,
     .required = true,
     .help = "Where to connect to, as tcp://host:port or tls://host:port, one or a list that is "
             "tried in turn."},
    kFileFormatOption,
    {.name = "acknowledgement_hex",
     .help = "What the other end sends for each record that it has, its bytes in hexadecimal, such "
             "as 06; without it an event counts as accepted when the system has taken its bytes, "
             "and may be lost."},
};
constexpr OptionSpec kOtherOptions[] = {
    {.name = "insecure",
     .type = OptionType::boolean,
     .default_value = "no",
     .help = "yes: do not verify the server's certificate; for trials only."},
    broker::kConnectTimeoutOption,
    {.name = "answer_timeout_ms",
     .type = OptionType::integer,
     .default_value = "30000",
     .help = "Longest time for a request's bytes to be taken and acknowledged; then the connection "
             "is given up, and what is not acknowledged is sent again.",
     .min = 1,
     .max = 3'600'000},
    {.name = "batch_events_max",
     .type = OptionType::integer,
     .default_value = "100",
     .help = "Most events that are sent before the first of them is acknowledged.",
     .min = 1,
     .max = 100'000},
    {.name = "batch_bytes_max",
     .type = OptionType::integer,
     .default_value = "1048576",
     .help = "Most bytes of them.",
     .min = 1,
     .max = 256 << 20},
};
constexpr auto kOwnOptions =
    join_options(kFirstOptions, broker::kClientTlsOptions, kOtherOptions, sockets::kEgressOptions);

std::span<const OptionSpec> all_options() {
  static const std::vector<OptionSpec> options = framing::with_framing(kOwnOptions);
  return options;
}

struct Settings {
  broker::Access access;
  sockets::Egress egress;
  FileFormat format;
  std::string acknowledgement;
  Milliseconds answer_timeout{0};
  Limits limits;
};

/// One request at a time. Everything but send() and stop() happens on its own thread.
class Session {
 public:
  Session(const Settings& settings, CompletionPort port)
      : settings_(settings),
        port_(port),
        work_(context_.get_executor()),
        timer_(context_),
        stop_timer_(context_),
        thread_([this] {
          block_signals_in_this_thread();
          context_.run();
        }) {}
  ~Session() { stop(Milliseconds(0)); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void send(Request request) {
    asio::post(context_, [this, kept = std::move(request)]() mutable { begin(std::move(kept)); });
  }
  void stop(Milliseconds limit) {
    if (!thread_.joinable()) return;
    asio::post(context_, [this, limit] {
      is_stopping_ = true;
      if (!request_) return disconnect();
      stop_timer_.expires_after(limit);
      stop_timer_.async_wait([this](const error_code& error) {
        if (!error) fail_request("stopped before it was acknowledged");
      });
    });
    work_.reset();
    thread_.join();
  }

 private:
  void begin(Request request) {
    request_ = std::move(request);
    response_ = {.number = request_->number};
    const std::string_view bytes = settings_.format.contents_of(*request_, response_, contents_);
    if (response_.outcomes.empty())
      response_.outcomes.assign(request_->events.size(), Outcome::accepted);
    waiting_ = static_cast<std::size_t>(std::ranges::count(response_.outcomes, Outcome::accepted));
    if (waiting_ == 0) return answer();
    bytes_ = bytes;
    timer_.expires_after(settings_.access.connect_timeout * settings_.access.servers.size() +
                         settings_.answer_timeout);
    timer_.async_wait([this](const error_code& error) {
      if (!error) fail_request("no acknowledgement within the time-out");
    });
    stream_ != nullptr ? write() : dial();
  }

  void dial() {
    dialer_ = std::make_shared<sockets::Dialer>(
        context_, settings_.access, settings_.egress,
        [this](Result<std::unique_ptr<sockets::TlsStream>> stream, bool has_tls) {
          server_ = dialer_->server();
          dialer_.reset();
          if (!stream) {
            const bool is_refused = stream.error().kind == ErrorKind::peer_refused;
            return fail_request(stream.error().message,
                                is_refused ? Outcome::refused : Outcome::retry);
          }
          stream_ = std::move(*stream);
          has_tls_ = has_tls;
          error_code ignored;
          stream_->lowest_layer().set_option(tcp::no_delay(true), ignored);
          stream_->lowest_layer().set_option(asio::socket_base::keep_alive(true), ignored);
          heard_.clear();
          read();
          write();
        });
    dialer_->start(server_);
  }

  /// `call` with the stream that is spoken over.
  template <typename Call>
  void over(Call call) {
    has_tls_ ? call(*stream_) : call(stream_->next_layer());
  }

  void write() {
    over([this](auto& stream) {
      asio::async_write(stream, asio::buffer(bytes_),
                        [this, alive = stream_](const error_code& error, std::size_t) {
                          if (alive != stream_) return;
                          if (error) return lose(error.message());
                          // The last that is known of it, where nobody answers.
                          if (settings_.acknowledgement.empty()) note_safe(waiting_);
                        });
    });
  }

  void read() {
    over([this](auto& stream) {
      stream.async_read_some(asio::buffer(input_),
                             [this, alive = stream_](const error_code& error, std::size_t size) {
                               if (alive != stream_) return;
                               if (error) return lose(error.message());
                               take({input_.data(), size});
                             });
    });
  }

  void take(std::string_view bytes) {
    const std::string& wanted = settings_.acknowledgement;
    if (!wanted.empty()) {
      heard_ += bytes;
      for (; heard_.size() >= wanted.size(); heard_.erase(0, wanted.size())) {
        if (!heard_.starts_with(wanted) || waiting_ == 0)
          return lose("other bytes than its acknowledgement came");
        note_safe(1);
      }
    }
    read();
  }

  /// In the order in which they were sent.
  void note_safe(std::size_t count) {
    waiting_ -= std::min(count, waiting_);
    if (request_ && waiting_ == 0) answer();
  }

  void answer() {
    timer_.cancel();
    request_.reset();
    port_.post(std::move(response_));
    if (is_stopping_) {
      stop_timer_.cancel();
      disconnect();
    }
  }

  void lose(const std::string& reason) {
    // A server that hangs up while nothing is under way: the next request connects again.
    if (!request_) return disconnect();
    fail_request(reason);
  }

  /// Those that were not acknowledged, the last ones, come again.
  void fail_request(const std::string& reason, Outcome outcome = Outcome::retry) {
    disconnect();
    if (!request_) return;
    for (std::size_t i = response_.outcomes.size(); i > 0 && waiting_ > 0; --i) {
      if (response_.outcomes[i - 1] != Outcome::accepted) continue;
      response_.outcomes[i - 1] = outcome;
      --waiting_;
    }
    response_.reason = "tcp: " + reason;
    answer();
  }

  void disconnect() {
    if (dialer_ != nullptr) dialer_->cancel();
    dialer_.reset();
    if (stream_ == nullptr) return;
    error_code ignored;
    stream_->lowest_layer().shutdown(tcp::socket::shutdown_both, ignored);
    stream_->lowest_layer().close(ignored);
    stream_.reset();
  }

  const Settings& settings_;
  const CompletionPort port_;
  asio::io_context context_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  asio::steady_timer timer_;
  asio::steady_timer stop_timer_;
  std::shared_ptr<sockets::Dialer> dialer_;
  std::size_t server_ = 0;
  std::shared_ptr<sockets::TlsStream> stream_;
  bool has_tls_ = false;
  std::array<char, 4096> input_{};
  std::string heard_;
  FileContents contents_;
  std::string_view bytes_;
  std::optional<Request> request_;
  Response response_;
  std::size_t waiting_ = 0;  ///< records without an acknowledgement
  bool is_stopping_ = false;
  std::thread thread_;
};

class TcpPublisher final : public Publisher {
 public:
  explicit TcpPublisher(Settings settings) : settings_(std::move(settings)) {}
  ~TcpPublisher() override { TcpPublisher::close(Milliseconds(0)); }
  TcpPublisher(const TcpPublisher&) = delete;
  TcpPublisher& operator=(const TcpPublisher&) = delete;

  Result<void> open(CompletionPort port) override {
    port_ = port;
    session_ = std::make_unique<Session>(settings_, port);
    return {};
  }
  Limits limits() const override { return settings_.limits; }
  void publish(Request request) override {
    if (session_ == nullptr)
      return port_.post({.number = request.number, .outcomes = {Outcome::retry}});
    session_->send(std::move(request));
  }
  void close(Milliseconds limit) override {
    if (session_ != nullptr) session_->stop(limit);
    session_.reset();
  }

 private:
  const Settings settings_;
  CompletionPort port_;
  std::unique_ptr<Session> session_;
};

std::unique_ptr<Publisher> make_tcp(const PublisherContext& context, const Options& options,
                                    Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  Settings settings;
  settings.access = broker::read_connection(context.directory, options, kProtocol, diagnostics);
  settings.egress = sockets::read_egress(options, diagnostics);
  for (const broker::Server& server : settings.access.servers) {
    if (server.port != 0) continue;
    diagnostics.error(options.where("servers"), "'servers': a server needs a port");
  }
  settings.format = read_file_format(options, diagnostics);
  ByteBuffer bytes;
  if (!from_hex(options.text("acknowledgement_hex"), bytes) ||
      bytes.size() > kAcknowledgementBytesMax) {
    diagnostics.error(options.where("acknowledgement_hex"),
                      "'acknowledgement_hex' is up to 64 bytes in hexadecimal");
  }
  settings.acknowledgement.assign(bytes.view().begin(), bytes.view().end());
  settings.answer_timeout = Milliseconds(options.integer("answer_timeout_ms"));
  settings.limits.events_per_request =
      static_cast<std::size_t>(options.integer("batch_events_max"));
  settings.limits.bytes_per_request = static_cast<std::size_t>(options.integer("batch_bytes_max"));
  // What was acknowledged of a request is not sent again: nobody would know it for a repeat.
  // One request is under way, and of it those behind a failure come again in their order.
  settings.limits.keeps_order = true;
  if (diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<TcpPublisher>(std::move(settings));
}

}  // namespace

const PublisherKind kTcpPublisher{.kind = "tcp",
                                  .help =
                                      "Sends records or lines over TCP, to an end that "
                                      "acknowledges each, or to one that does not.",
                                  .options = all_options(),
                                  .make = make_tcp};

}  // namespace copybridge::publishers
