// Reading while there is room, answering while there is something to answer.
#include "adapters/tcp/connection.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace copybridge::adapters::tcp {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// A peer that does not read its answers is not read, either.
constexpr std::size_t kAnswerBytesMax = 65'536;
constexpr std::chrono::seconds kGoodbyeLimit{1};

std::int64_t now_ms(const Clock& clock) {
  return std::chrono::duration_cast<Milliseconds>(clock.wall_now().time_since_epoch()).count();
}

template <typename Stream>
class StreamConnection final : public Connection,
                               public std::enable_shared_from_this<StreamConnection<Stream>> {
 public:
  StreamConnection(ConnectionContext context, Attributes attributes,
                   std::unique_ptr<Conversation> conversation, Stream stream)
      : Connection(context, std::move(attributes), std::move(conversation)),
        alive_(context.context),
        stream_(std::move(stream)),
        goodbye_(*alive_) {}

 private:
  static constexpr bool kIsTls = !std::is_same_v<Stream, asio::ip::tcp::socket>;

  [[nodiscard]] auto& channel() {
    if constexpr (kIsTls) {
      return *stream_;
    } else {
      return stream_;
    }
  }
  void read_some(std::uint8_t* into, std::size_t size) override {
    channel().async_read_some(
        asio::buffer(into, size),
        [self = this->shared_from_this()](const error_code& error, std::size_t count) {
          self->note_read(count, error == asio::error::eof, error);
        });
  }
  void write(const std::string& bytes) override {
    asio::async_write(channel(), asio::buffer(bytes),
                      [self = this->shared_from_this()](const error_code& error, std::size_t) {
                        self->note_written(error);
                      });
  }
  void close(bool may_say_so) override {
    if constexpr (kIsTls) {
      if (may_say_so) return say_goodbye();
    }
    close_socket();
  }
  void close_socket() {
    error_code ignored;
    auto& socket = channel().lowest_layer();
    socket.shutdown(asio::socket_base::shutdown_both, ignored);
    socket.close(ignored);
  }
  /// So that the peer knows that nothing was cut off.
  void say_goodbye() {
    goodbye_.expires_after(kGoodbyeLimit);
    goodbye_.async_wait(
        [self = this->shared_from_this()](const error_code&) { self->close_socket(); });
    channel().async_shutdown(
        [self = this->shared_from_this()](const error_code&) { self->goodbye_.cancel(); });
  }

  const std::shared_ptr<asio::io_context> alive_;  ///< longer than the stream
  Stream stream_;
  asio::steady_timer goodbye_;
};

Attributes attributes_of(const asio::ip::tcp::socket::lowest_layer_type& socket,
                         std::string client) {
  error_code ignored;
  const auto peer = socket.remote_endpoint(ignored);
  Attributes attributes{{"tcp-address", peer.address().to_string()},
                        {"tcp-port", std::to_string(peer.port())}};
  if (!client.empty()) attributes.emplace_back("tcp-client", std::move(client));
  return attributes;
}

}  // namespace

Connection::Connection(ConnectionContext context, Attributes attributes,
                       std::unique_ptr<Conversation> conversation)
    : context_(std::move(context)),
      attributes_(std::make_shared<const Attributes>(std::move(attributes))),
      conversation_(std::move(conversation)),
      active_at_(context_.clock->now()) {}

void Connection::start() {
  out_ = conversation_->greeting();
  send();
  go_on();
}

void Connection::settled(std::size_t records) {
  if (is_closed_) return;
  unsettled_ -= records;
  active_at_ = context_.clock->now();
  conversation_->acknowledge(records, out_);
  send();
  finish_if_done();
}

void Connection::refused() { end(false); }

void Connection::resume() { go_on(); }

void Connection::end(bool at_once) {
  if (is_closed_) return;
  if (!has_ended_) ending_ = {Ending::Kind::stopped, {}, 0};
  has_ended_ = true;
  const bool is_refused = std::exchange(unsettled_, 0) > 0;
  if (at_once) return close_for(ending_.kind, ending_.reason);
  if (is_refused) conversation_->refuse(out_);
  send();
  finish_if_done();
}

void Connection::check_time(SteadyTime now) {
  if (is_closed_ || !is_reading_) return;
  const Milliseconds idle = context_.settings.idle;
  const bool is_within_record = kept_ > 0;
  if (is_within_record && now - record_since_ >= context_.settings.record_limit) {
    return close_for(Ending::Kind::limited, "a record did not come in within record_limit_ms");
  }
  if (!is_within_record && idle.count() > 0 && unsettled_ == 0 && now - active_at_ >= idle)
    close_for(Ending::Kind::limited, "nothing came within idle_ms");
}

void Connection::go_on() {
  if (is_closed_ || is_reading_ || has_ended_) return;
  if (context_.intake->is_full() || out_.size() > kAnswerBytesMax) return;
  is_reading_ = true;
  kept_ = input_.size();
  read_some(input_.extend(kReadBytes), kReadBytes);
}

void Connection::note_read(std::size_t size, bool is_end, const error_code& error) {
  is_reading_ = false;
  if (is_closed_ || has_ended_) return;
  input_.resize(kept_ + size);
  active_at_ = context_.clock->now();
  if (kept_ == 0) record_since_ = active_at_;
  if (error && !is_end) return close_for(Ending::Kind::lost, error.message());
  has_ended_ = is_end;
  if (is_end) ending_.kind = Ending::Kind::finished;
  take(is_end);
  context_.intake->count_partial(counted_, input_.size());
  if (input_.size() > kReadBytes && context_.intake->is_full_of_partials())
    return close_for(Ending::Kind::limited,
                     "the parts of records that wait for their rest are too many");
  go_on();
  finish_if_done();
}

/// What came becomes records, which are the intake's from here on.
void Connection::take(bool is_end) {
  Arrival arrival;
  arrival.connection = context_.number;
  arrival.attributes = attributes_;
  arrival.time_ms = now_ms(*context_.clock);
  const std::size_t before = input_.size();
  const Result<void> taken = conversation_->take(input_, is_end, arrival.cut, out_);
  if (input_.size() < before) record_since_ = active_at_;
  const std::size_t count = arrival.cut.records.size();
  records_ += count;
  unsettled_ += count;
  if (count > 0) context_.intake->add(std::move(arrival));
  send();
  if (taken) return;
  has_ended_ = true;
  // A sender that ends within a record has it still.
  const bool is_broken = !is_end && taken.error().kind == ErrorKind::framing;
  ending_.kind = is_broken ? Ending::Kind::broken : Ending::Kind::lost;
  ending_.reason = taken.error().message;
}

void Connection::send() {
  if (is_closed_ || is_writing_ || out_.empty()) return;
  is_writing_ = true;
  writing_ = std::exchange(out_, {});
  write(writing_);
}

void Connection::note_written(const error_code& error) {
  is_writing_ = false;
  if (is_closed_) return;
  if (error) return close_for(Ending::Kind::lost, error.message());
  send();
  go_on();
  finish_if_done();
}

/// The other end may wait for its answers still when it has no more to say.
void Connection::finish_if_done() {
  if (is_closed_ || !has_ended_ || unsettled_ > 0 || is_writing_ || !out_.empty()) return;
  close_for(ending_.kind, ending_.reason);
}

void Connection::close_for(Ending::Kind kind, std::string reason) {
  if (is_closed_) return;
  is_closed_ = true;
  context_.intake->count_partial(counted_, 0);
  ending_.kind = kind;
  if (!reason.empty()) ending_.reason = std::move(reason);
  ending_.records = records_;
  ending_.is_within_work = kept_ > 0 || unsettled_ > 0;
  close(!is_reading_ && !is_writing_);
  context_.ended(context_.number, ending_);
}

std::shared_ptr<Connection> make_connection(ConnectionContext context, asio::ip::tcp::socket socket,
                                            std::unique_ptr<Conversation> conversation) {
  Attributes attributes = attributes_of(socket.lowest_layer(), {});
  return std::make_shared<StreamConnection<asio::ip::tcp::socket>>(
      std::move(context), std::move(attributes), std::move(conversation), std::move(socket));
}

std::shared_ptr<Connection> make_connection(ConnectionContext context,
                                            std::unique_ptr<sockets::TlsStream> stream,
                                            std::string client,
                                            std::unique_ptr<Conversation> conversation) {
  Attributes attributes = attributes_of(stream->lowest_layer(), std::move(client));
  return std::make_shared<StreamConnection<std::unique_ptr<sockets::TlsStream>>>(
      std::move(context), std::move(attributes), std::move(conversation), std::move(stream));
}

}  // namespace copybridge::adapters::tcp
