// The contract between the pipeline and an endpoint. A publisher makes one attempt at sending
// and reports each event's outcome; retries, back-off, order per key and dead letters are the
// pipeline's (bridge/delivery.h).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/core/log.h"
#include "bridge/core/options.h"
#include "bridge/core/state.h"

namespace copybridge::avro {
struct Type;
}  // namespace copybridge::avro

namespace copybridge::publishers {

/// One attribute of an event under its CloudEvents name. Views.
struct Attribute {
  std::string_view name;
  std::string_view value;
};

/// What is published: JSON body, CloudEvents attributes, key. Views; see Publisher::publish.
struct Event {
  std::string_view id;      ///< where the record came from and the mapping's name
  std::string_view source;  ///< CloudEvents `source`: a URI reference naming bridge and adapter
  std::string_view type;
  std::string_view subject;  ///< empty: none
  std::string_view key;      ///< empty: no order is kept for it
  std::string_view time;     ///< RFC 3339, empty: none
  std::string_view body;     ///< one JSON object, no line end; or the bytes of a record
  bool is_record = false;    ///< the body is a record, not JSON
  /// The body says where the event's own one is, as the attribute `dataref` does (claim check).
  bool is_reference = false;
  std::span<const Attribute> extensions = {};  ///< further attributes, as the mapping names them
  std::string_view traceparent = {};           ///< W3C Trace Context, sound; empty: none
  std::string_view tracestate = {};            ///< likewise; only beside a traceparent
};

/// The bytes of an event's body, id, subject and key, and of its trace.
[[nodiscard]] inline std::size_t text_size(const Event& event) {
  return event.body.size() + event.id.size() + event.subject.size() + event.key.size() +
         event.traceparent.size() + event.tracestate.size();
}

/// What one attempt made of an event. docs/delivery.md says what becomes of each.
enum class Outcome : std::uint8_t {
  accepted,   ///< durable at the endpoint
  retry,      ///< away, slow, or unknown: send again after a back-off
  throttled,  ///< asked to slow down: send again after `retry_after`, fewer at a time
  permanent,  ///< refused for this event's own content or size: dead letter
  /// Refused in a way that may be meant for this event or for everything the bridge sends (HTTP
  /// 400): the pipeline finds out. Not for publishers that keep order.
  doubtful,
  refused,  ///< credentials, address, rights: the route waits, nothing is dead-lettered
  /// For a whole request with a position: the source has taken the records back. Nothing of them is
  /// at the endpoint, or the publisher knows it when they come again.
  taken_back
};

/// Events to be sent as one unit. The pointers stay valid until the Response is posted.
struct Request {
  std::uint64_t number = 0;
  /// How many responses with an event to be sent again the pipeline had taken when it formed the
  /// request. A publisher that keeps order hands back what it is given with the epoch of a failure,
  /// or an earlier one: the pipeline did not know yet what has to come first.
  std::uint64_t epoch = 0;
  std::vector<const Event*> events;
  /// Where Limits::remembers_ids says so: ids of accepted events that the source has durably
  /// settled since the last request. It will not send them again.
  std::vector<std::string> settled_ids = {};
  /// Where it is given: asked, once the events are ready to be committed, for where the source goes
  /// on after them. It is stored with them as one, also without any event. Nothing: taken_back.
  std::function<std::optional<std::string>()> position = {};
};

/// The outcome of every event of a request.
struct Response {
  std::uint64_t number = 0;
  std::uint32_t destination = 0;       ///< set by the port
  std::vector<Outcome> outcomes = {};  ///< one per event in the request's order, or one for all
  Milliseconds retry_after{0};         ///< as the endpoint asked; 0: it did not
  std::string reason = {};  ///< of the first that was not accepted; no contents, no secrets
};

/// Where publishers post responses and the pipeline's thread takes them. Thread-safe.
class CompletionQueue {
 public:
  void post(Response response);
  /// Takes all responses, waiting at most `wait` for the first; `wake()` ends the wait early.
  [[nodiscard]] std::vector<Response> take(std::chrono::nanoseconds wait);
  void wake();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Response> responses_;
  bool woken_ = false;
};

/// A publisher's end of the completion queue: knows which destination it is.
class CompletionPort {
 public:
  CompletionPort() = default;
  CompletionPort(CompletionQueue& queue, std::uint32_t destination)
      : queue_(&queue), destination_(destination) {}
  void post(Response response) const {
    response.destination = destination_;
    queue_->post(std::move(response));
  }

 private:
  CompletionQueue* queue_ = nullptr;
  std::uint32_t destination_ = 0;
};

/// What the pipeline must respect when it forms requests.
struct Limits {
  std::size_t events_per_request = 1;
  std::size_t bytes_per_request = std::numeric_limits<std::size_t>::max();  ///< sum of size_of()
  std::size_t event_bytes_max = std::numeric_limits<std::size_t>::max();    ///< larger: permanent
  std::size_t requests_in_flight = 1;
  /// Everything handed over reaches the endpoint in the order handed over, also when the endpoint
  /// fails in between (a file; an idempotent Kafka producer): with more than one request in flight,
  /// what is handed over after a failure gets `retry` where its epoch is not past the failure's.
  /// False: the pipeline never has two requests with the same key in flight.
  bool keeps_order = false;
  /// It knows events that it has accepted before, also in an earlier run, and has to be told which
  /// ones do not come again.
  bool remembers_ids = false;
  /// Events of one request can have different outcomes: at most one event per key and request.
  bool splits_outcomes = false;
  /// All events of a request have the same key, or none: the request carries it.
  bool has_one_key = false;
  /// It holds requests until enough has come for one object: memory of the pipeline's batches up to
  /// which the source is read on, however many batches that is. See Publisher::flush.
  std::size_t collects_bytes = 0;
};

/// One endpoint. open, publish and close are called by the pipeline's thread.
class Publisher {
 public:
  virtual ~Publisher() = default;

  /// Prepares sending; must not wait for the endpoint (an endpoint that is away is a matter of
  /// publish). ErrorKind::config or storage where it cannot ever work.
  virtual Result<void> open(CompletionPort port) = 0;

  [[nodiscard]] virtual Limits limits() const = 0;
  /// What an event counts towards the limits in bytes.
  [[nodiscard]] virtual std::size_t size_of(const Event& event) const { return text_size(event); }

  /// Takes a request and returns without waiting for the endpoint. Exactly one Response is
  /// posted for it, from any thread, possibly before publish returns. What the events point to
  /// stays valid until then, and not a moment longer.
  virtual void publish(Request request) = 0;

  /// Nothing more comes before one of the requests under way is answered, of which the pipeline
  /// counts so many: what is held so that more may come to it goes out now. Called as often as that
  /// is so; where there are fewer by now, the pipeline has still to take the answers.
  virtual void flush(std::size_t /*under_way*/) {}

  /// Where the context's `keeps_bodies` says so: the URL under which publish() puts this event's
  /// body. Any thread.
  [[nodiscard]] virtual std::string reference_of(const Event& /*event*/) const { return {}; }

  /// Asked after the endpoint refused the bridge itself, and again before each later attempt while
  /// the route waits: reads credentials again without waiting for anybody (a token that has to be
  /// fetched is dropped, and fetched by the next publish). True where the next attempt may not be
  /// the same as the one refused. An error (a secret that is gone) becomes part of the reason.
  [[nodiscard]] virtual Result<bool> renew_credentials() { return false; }

  /// Stops: waits up to `limit` for requests under way, then posts `retry` for what is left and
  /// releases everything. No Response is posted after it returns. Called twice it does nothing.
  virtual void close(Milliseconds limit) = 0;
};

/// The schema that all events' bodies have.
struct EventSchema {
  std::string text = {};                        ///< as JSON
  std::shared_ptr<const avro::Type> avro = {};  ///< the same where it is Avro; null: JSON Schema
};

/// What a publisher's options ask for of it.
struct SchemaNeed {
  std::string_view option = {};  ///< the one that does; empty: none
  bool is_avro = false;          ///< else JSON Schema
  std::string name_space = {};   ///< of Avro's record; empty: none
};

/// What a publisher is given when it is made. References outlive it.
struct PublisherContext {
  /// Of the publisher in the bridge file; `NAME-SOURCE` where several sources have routes to it.
  std::string name;
  std::filesystem::path directory;  ///< of the bridge file; relative paths start here
  Log& log;
  const Clock& clock;
  const StateDirectory* state = nullptr;  ///< null while a configuration is only checked
  /// It keeps the bodies of events that are too large for other publishers, each under a name of
  /// its own, and tells them by reference_of(). Kinds that can say so in their row.
  bool keeps_bodies = false;
  /// Of the events' bodies, as PublisherKind::schema_need says; empty while a configuration is only
  /// checked.
  EventSchema schema = {};
  bool stores_positions = false;  ///< its source leaves its position to it (Request::position)
};

class Exchange;

/// A row of the registry: one kind of publisher.
struct PublisherKind {
  std::string_view kind;
  std::string_view help;
  std::span<const OptionSpec> options;
  /// Makes a publisher without touching the endpoint. Mistakes that the table cannot see go to
  /// `diagnostics`; null where there are any.
  std::unique_ptr<Publisher> (*make)(const PublisherContext& context, const Options& options,
                                     Diagnostics& diagnostics);
  /// Whether these options make it exactly once (Limits::remembers_ids); null: never.
  bool (*is_exactly_once)(const Options& options) = nullptr;
  /// Then it stores positions, too (Request::position).
  bool stores_positions = false;
  /// Whether these options need all events to have one schema. Null: never.
  SchemaNeed (*schema_need)(const Options& options) = nullptr;
  /// Then one source alone, read by one instance, can have routes to it.
  bool is_for_one_source = false;
  /// Of kinds that can also carry a request and bring its reply (exchange.h), likewise.
  std::unique_ptr<Exchange> (*make_exchange)(const PublisherContext& context,
                                             const Options& options,
                                             Diagnostics& diagnostics) = nullptr;
  /// See PublisherContext.
  bool can_keep_bodies = false;
};

}  // namespace copybridge::publishers
