// HTTP/1.1 by Boost.Beast.
#include "adapters/http/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <utility>

#include "bridge/sockets/server_tls.h"

namespace copybridge::adapters::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t kHeadBytesMax = 32 << 10;
constexpr std::size_t kDrainBytesMax = 8 << 20;
constexpr std::chrono::seconds kDrainLimit{2};
constexpr std::chrono::seconds kHandshakeLimit{10};
constexpr std::chrono::seconds kSurplusLimit{2};

using TlsStream = beast::ssl_stream<beast::tcp_stream>;

/// Keeps itself alive while an operation is under way or its answer is awaited. Everything happens
/// on the listener's thread.
template <typename Stream>
class Connection final : public Closable, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, std::shared_ptr<Shared> shared, bool is_surplus)
      : shared_(std::move(shared)),
        context_(shared_->context),
        stream_(std::move(stream)),
        timer_(*context_),
        is_surplus_(is_surplus) {
    shared_->add(this);
  }
  ~Connection() override { shared_->remove(this); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      socket().expires_after(kHandshakeLimit);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](error_code error) {
                                if (error) return self->note_handshake_failed(error);
                                self->names_ = sockets::peer_names(self->stream_.native_handle());
                                self->read_head();
                              });
    } else {
      read_head();
    }
  }

  void end(bool at_once) override {
    must_close_ = true;
    if (at_once) timer_.cancel();
    if (at_once || state_ == State::reading) socket().close();
  }

 private:
  enum class State : std::uint8_t { reading, awaiting, writing };

  beast::tcp_stream& socket() { return beast::get_lowest_layer(stream_); }

  void note_handshake_failed(const error_code& error) {
    shared_->note_refused(0, "the TLS handshake failed: " + error.message());
  }

  void read_head() {
    if (must_close_) return close();
    state_ = State::reading;
    reservation_.reset();
    parser_.emplace();
    parser_->header_limit(kHeadBytesMax);
    parser_->body_limit(shared_->settings.body_bytes_max);
    // The whole request has to be there by then.
    if (is_surplus_) {
      socket().expires_after(kSurplusLimit);
    } else {
      socket().expires_after(shared_->settings.idle);
    }
    bhttp::async_read_header(stream_, buffer_, *parser_,
                             [self = this->shared_from_this()](error_code error, std::size_t) {
                               if (error) return self->note_broken(error);
                               self->take_head();
                             });
  }

  void note_broken(const error_code& error) {
    if (error == bhttp::error::body_limit) return refuse(refusal(413, "the body is too large"));
    if (error == bhttp::error::header_limit) return refuse(refusal(431, "the head is too large"));
    // What is no HTTP is answered; who has gone, or is too slow, is not.
    const bool is_malformed =
        error.category() == make_error_code(bhttp::error::bad_method).category() &&
        error != bhttp::error::end_of_stream && error != bhttp::error::partial_message;
    if (is_malformed) return refuse(refusal(400, "the request is not HTTP/1.1"));
    close();
  }

  void take_head() {
    const auto& head = parser_->get().base();
    who_.clear();
    std::optional<Answer> refused =
        is_surplus_ ? refusal(503, "too many connections")
                    : shared_->check_head(head.method_string(), head.target(),
                                          head[bhttp::field::authorization], who_);
    if (!refused) refused = check_certificate();
    if (!refused && !head[bhttp::field::content_encoding].empty())
      refused = refusal(415, "a body with Content-Encoding is not taken");
    if (!refused) {
      const auto length = parser_->content_length();
      reservation_ = shared_->reserve(length ? *length : shared_->settings.body_bytes_max);
      if (reservation_ == nullptr) refused = refusal(503, "too much is waiting");
    }
    if (refused) return refuse(std::move(*refused));
    const bool is_awaited = beast::iequals(head[bhttp::field::expect], "100-continue");
    is_awaited ? ask_for_body() : read_body();
  }

  std::optional<Answer> check_certificate() {
    if (names_.empty()) return std::nullopt;
    const std::string* name = shared_->settings.tls.admitted(names_);
    if (name == nullptr) return refusal(403, "this client's certificate is not let in");
    if (who_.empty()) who_ = *name;
    return std::nullopt;
  }

  void ask_for_body() {
    continue_ = {bhttp::status::continue_, 11};
    bhttp::async_write(stream_, continue_,
                       [self = this->shared_from_this()](error_code error, std::size_t) {
                         error ? self->close() : self->read_body();
                       });
  }

  void read_body() {
    bhttp::async_read(stream_, buffer_, *parser_,
                      [self = this->shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->note_broken(error);
                        self->hand_over();
                      });
  }

  void hand_over() {
    if (shared_->refuses_all) return refuse(refusal(503, "the bridge is stopping"));
    auto& message = parser_->get();
    Request request;
    const std::string_view target = message.target();
    request.path = target.substr(0, target.find('?'));
    for (const auto& field : message) {
      std::string name(field.name_string());
      for (char& letter : name) letter = beast::detail::ascii_tolower(letter);
      request.headers.emplace_back(std::move(name), field.value());
    }
    request.body = std::move(message.body());
    request.client = who_;
    request.reservation = std::move(reservation_);
    state_ = State::awaiting;
    socket().expires_never();
    await_answer();
    const std::uint64_t number = ++number_;
    shared_->handler.handle(std::move(request),
                            [self = this->shared_from_this(), number](Answer answer) {
                              asio::post(*self->context_, [self, number, answer]() mutable {
                                self->take_answer(number, std::move(answer));
                              });
                            });
  }

  void await_answer() {
    timer_.expires_after(shared_->settings.answer_limit);
    timer_.async_wait([self = this->shared_from_this(), number = number_ + 1](error_code error) {
      if (error) return;
      Answer late = refusal(503, "not confirmed within the limit; it may still be taken");
      late.asks_for_retry = true;
      self->take_answer(number, std::move(late));
    });
  }

  void take_answer(std::uint64_t number, Answer answer) {
    if (number != number_ || state_ != State::awaiting) return;
    timer_.cancel();
    if (answer.status >= 400) shared_->note_refused(answer.status, "see the answer");
    write(std::move(answer), parser_->get().keep_alive() && !must_close_);
  }

  /// Before the body was read: the connection cannot be used again.
  void refuse(Answer answer) {
    answer.asks_for_retry = answer.asks_for_retry || answer.status == 503;
    shared_->note_refused(answer.status, answer.body);
    has_unread_ = true;
    socket().expires_after(shared_->settings.idle);
    write(std::move(answer), false);
  }

  void write(Answer answer, bool is_kept) {
    state_ = State::writing;
    response_ = {bhttp::int_to_status(answer.status), 11};
    response_.result(answer.status);
    response_.set(bhttp::field::content_type, answer.content_type);
    if (answer.asks_for_retry) {
      response_.set(bhttp::field::retry_after, std::to_string(shared_->settings.retry_after_s));
    }
    if (!answer.extra_name.empty()) response_.set(answer.extra_name, answer.extra_value);
    response_.body() = std::move(answer.body);
    response_.keep_alive(is_kept);
    response_.prepare_payload();
    socket().expires_after(shared_->settings.idle);
    bhttp::async_write(stream_, response_,
                       [self = this->shared_from_this(), is_kept](error_code error, std::size_t) {
                         if (error || (!is_kept && !self->has_unread_)) return self->close();
                         is_kept ? self->read_head() : self->drain();
                       });
  }

  /// Closing while the client still sends would take the answer from it.
  void drain() {
    if (drained_ == 0) socket().expires_after(kDrainLimit);
    scratch_.resize(64 << 10);
    stream_.async_read_some(asio::buffer(scratch_),
                            [self = this->shared_from_this()](error_code error, std::size_t size) {
                              self->drained_ += size;
                              if (error || self->drained_ > kDrainBytesMax) return self->close();
                              self->drain();
                            });
  }

  void close() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      socket().expires_after(kDrainLimit);
      stream_.async_shutdown([self = this->shared_from_this()](error_code) {});
    } else {
      error_code ignored;
      socket().socket().shutdown(tcp::socket::shutdown_both, ignored);
    }
  }

  const std::shared_ptr<Shared> shared_;
  const std::shared_ptr<asio::io_context> context_;  ///< outlives the stream
  Stream stream_;
  asio::steady_timer timer_;
  const bool is_surplus_;
  beast::flat_buffer buffer_;
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  std::shared_ptr<const Reservation> reservation_;
  bhttp::response<bhttp::empty_body> continue_;
  bhttp::response<bhttp::string_body> response_;
  std::vector<std::string> names_;  ///< in the client's certificate
  std::string who_;
  std::string scratch_;
  std::size_t drained_ = 0;
  std::uint64_t number_ = 0;  ///< of the request under way
  State state_ = State::reading;
  bool must_close_ = false;
  bool has_unread_ = false;
};

}  // namespace

void serve_plain(tcp::socket socket, std::shared_ptr<Shared> shared, bool is_surplus) {
  std::make_shared<Connection<beast::tcp_stream>>(beast::tcp_stream(std::move(socket)),
                                                  std::move(shared), is_surplus)
      ->start();
}

void serve_tls(tcp::socket socket, asio::ssl::context& tls, std::shared_ptr<Shared> shared,
               bool is_surplus) {
  std::make_shared<Connection<TlsStream>>(TlsStream(std::move(socket), tls), std::move(shared),
                                          is_surplus)
      ->start();
}

}  // namespace copybridge::adapters::http
