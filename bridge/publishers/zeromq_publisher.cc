// Options of the publisher zeromq, and its plain sockets.
#include "bridge/publishers/zeromq_publisher.h"

#include <memory>
#include <optional>
#include <utility>

#include "bridge/core/option_rules.h"
#include "bridge/publishers/cloudevents.h"
#include "bridge/publishers/zeromq_sender.h"

namespace copybridge::publishers {
namespace {

constexpr OptionSpec kFirstOptions[] = {
    {.name = "socket",
     .type = OptionType::choice,
     .required = true,
     .help = "push and pub send plain messages, at most once; dealer sends by the acknowledged "
             "protocol to a router of another bridge.",
     .choices = "push|pub|dealer"},
    {.name = "topic",
     .help = "Of pub: the first frame of every message; without it there is none."},
};
constexpr OptionSpec kOtherOptions[] = {
    {.name = "message_bytes_max",
     .type = OptionType::integer,
     .default_value = "16777216",
     .help = "Largest message; an event that is larger is a dead letter.",
     .min = 1024,
     .max = 1 << 30},
    {.name = "batch_events_max",
     .type = OptionType::integer,
     .default_value = "1000",
     .help = "Of dealer: most events of one request.",
     .min = 1,
     .max = 100'000},
    {.name = "requests_in_flight",
     .type = OptionType::integer,
     .default_value = "4",
     .help = "Of dealer: requests that wait for their acknowledgements at the same time; events "
             "with the same key never overtake each other.",
     .min = 1,
     .max = 1000},
    {.name = "answer_timeout_ms",
     .type = OptionType::integer,
     .default_value = "30000",
     .help = "Of dealer: where the other end has said nothing for so long, what is open is sent "
             "again.",
     .min = 100,
     .max = 3'600'000},
    {.name = "send_timeout_ms",
     .type = OptionType::integer,
     .default_value = "5000",
     .help = "Of push and pub: how long what was sent may take to leave when the bridge ends.",
     .min = 0,
     .max = 3'600'000},
    kMessageFormatOption};

constexpr auto kOptions = join_options(kFirstOptions, zeromq::kSocketOptions, kOtherOptions);

/// Head, number and the names of the attributes.
constexpr std::size_t kHeadBytes = 512;

struct Settings {
  ZeromqSenderSettings sender;
  zmq::socket_type type = zmq::socket_type::dealer;
  std::optional<std::string> topic;
  LineFormat format = LineFormat::body;
  Milliseconds send_timeout{0};
  Limits limits;
};

class DealerPublisher final : public Publisher {
 public:
  DealerPublisher(Settings settings, const Clock& clock)
      : settings_(std::move(settings)), clock_(clock) {}

  Result<void> open(CompletionPort port) override {
    port_ = port;
    if (Result<void> checked = zeromq::check_keys(settings_.sender.socket); !checked)
      return checked;
    sender_ = std::make_unique<ZeromqSender>(settings_.sender, clock_, port);
    return {};
  }
  Limits limits() const override { return settings_.limits; }
  std::size_t size_of(const Event& event) const override {
    std::size_t size = event.body.size() + kHeadBytes;
    for_each_attribute(event, [&](const Attribute& attribute) { size += attribute.value.size(); });
    return size;
  }
  void publish(Request request) override {
    if (sender_ == nullptr)
      return port_.post({.number = request.number, .outcomes = {Outcome::retry}});
    sender_->send(std::move(request));
  }
  Result<bool> renew_credentials() override {
    if (const Result<void> checked = zeromq::check_keys(settings_.sender.socket); !checked)
      return pass_on(checked);
    return true;
  }
  void close(Milliseconds limit) override {
    if (sender_ != nullptr) sender_->stop(limit);
    sender_.reset();
  }

 private:
  const Settings settings_;
  const Clock& clock_;
  CompletionPort port_;
  std::unique_ptr<ZeromqSender> sender_;
};

/// What the library has taken counts as accepted: nobody answers.
class PlainPublisher final : public Publisher {
 public:
  explicit PlainPublisher(Settings settings) : settings_(std::move(settings)) {}

  Result<void> open(CompletionPort port) override {
    port_ = port;
    return zeromq::check_keys(settings_.sender.socket);
  }
  Limits limits() const override { return settings_.limits; }
  std::size_t size_of(const Event& event) const override {
    return settings_.format == LineFormat::body ? event.body.size()
                                                : message_size(event, settings_.format);
  }
  void publish(Request request) override {
    Response response{.number = request.number, .outcomes = {Outcome::accepted}};
    if (const std::string reason = send(*request.events.front()); !reason.empty()) {
      response.outcomes = {Outcome::retry};
      response.reason = reason;
    }
    port_.post(std::move(response));
  }
  void close(Milliseconds limit) override {
    socket_.close(std::min(limit, settings_.send_timeout));
  }

 private:
  /// Why it was not sent; empty: it was.
  std::string send(const Event& event) {
    if (!socket_.is_open()) {
      const Result<void> opened = socket_.open(settings_.type, settings_.sender.socket);
      if (!opened) return opened.error().message;
    }
    // Whoever wants to connect is let in before it is said that nobody is there.
    socket_.wait(Milliseconds(0));
    const bool is_body_alone = settings_.format == LineFormat::body;
    const std::string text = is_body_alone ? std::string() : message_text(event, settings_.format);
    std::vector<std::string_view> frames;
    if (settings_.topic) frames.emplace_back(*settings_.topic);
    frames.emplace_back(is_body_alone ? event.body : std::string_view(text));
    return socket_.send(frames) ? "" : "zeromq: nobody is connected who takes more";
  }

  const Settings settings_;
  CompletionPort port_;
  zeromq::Port socket_;
};

Settings read_settings(const PublisherContext& context, const Options& options,
                       Diagnostics& diagnostics) {
  const auto count = [&](std::string_view name) {
    return static_cast<std::size_t>(options.integer(name));
  };
  Settings settings;
  const std::string& socket = options.text("socket");
  if (socket == "push") settings.type = zmq::socket_type::push;
  if (socket == "pub") settings.type = zmq::socket_type::pub;
  settings.sender.socket = zeromq::read_socket(context.name, options, diagnostics);
  settings.sender.answer_timeout = Milliseconds(options.integer("answer_timeout_ms"));
  if (options.is_given("topic")) settings.topic = options.text("topic");
  settings.format = line_format_of(options);
  settings.send_timeout = Milliseconds(options.integer("send_timeout_ms"));
  settings.limits.event_bytes_max = count("message_bytes_max");
  if (socket == "dealer") {
    settings.limits.events_per_request = count("batch_events_max");
    settings.limits.requests_in_flight = count("requests_in_flight");
  }
  return settings;
}

std::unique_ptr<Publisher> make_zeromq(const PublisherContext& context, const Options& options,
                                       Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  Settings settings = read_settings(context, options, diagnostics);
  const std::string& socket = options.text("socket");
  const auto is_for = [&](std::string_view name, bool holds, std::string_view kinds) {
    if (!options.is_given(name) || holds) return;
    diagnostics.error(options.where(name),
                      "'" + std::string(name) + "' is for 'socket: " + std::string(kinds) + "'");
  };
  const bool is_dealer = socket == "dealer";
  is_for("topic", socket == "pub", "pub");
  is_for("format", !is_dealer, "push' and 'socket: pub");
  is_for("send_timeout_ms", !is_dealer, "push' and 'socket: pub");
  for (const std::string_view name :
       {"batch_events_max", "requests_in_flight", "answer_timeout_ms"})
    is_for(name, is_dealer, "dealer");
  if (diagnostics.error_count() > errors) return nullptr;
  if (is_dealer) return std::make_unique<DealerPublisher>(std::move(settings), context.clock);
  return std::make_unique<PlainPublisher>(std::move(settings));
}

}  // namespace

const PublisherKind kZeromqPublisher{
    .kind = "zeromq",
    .help =
        "Sends events by ZeroMQ: as plain messages, or to another bridge that acknowledges "
        "each.",
    .options = kOptions,
    .make = make_zeromq};

}  // namespace copybridge::publishers
