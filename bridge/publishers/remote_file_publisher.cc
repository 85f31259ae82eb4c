// One thread, one file at a time.
#include "bridge/publishers/remote_file_publisher.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "bridge/core/crash_point.h"
#include "bridge/core/hash.h"
#include "bridge/publishers/request_worker.h"
#include "bridge/transfer/ftp.h"
#include "codecs/framing/options.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kBytesPerRequest = 8'000'000;
/// Hexadecimal digits of {id}, and of {id1} and {id2}, which with a letter make a qualifier.
constexpr std::size_t kIdDigits = 16;
constexpr std::size_t kQualifierDigits = 7;

constexpr OptionSpec kOwnOptions[] = {
    {.name = "path",
     .type = OptionType::text,
     .required = true,
     .help = "Name of a file, with {id}, or of a data set, with {id1} and {id2} as in "
             "HLQ.OUT.A{id1}.B{id2}, or of a new generation, HLQ.GDG(+1); {id}s are made of the "
             "events' ids, so that a repeat writes the same file; {name} is the publisher, {date} "
             "and {time} are UTC. For ftp a data set's full name is in quotes."},
    kFileFormatOption,
    {.name = "events_per_file",
     .type = OptionType::integer,
     .default_value = "10000",
     .help = "Most events of a file; it has fewer where fewer are there.",
     .min = 1,
     .max = 1'000'000}};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return text;
}

class RemoteFilePublisher final : public Publisher {
 public:
  RemoteFilePublisher(const PublisherContext& context, const Options& options, FileFormat format,
                      std::unique_ptr<Uploader> uploader)
      : name_(context.name),
        pattern_(options.text("path")),
        events_per_file_(static_cast<std::size_t>(options.integer("events_per_file"))),
        format_(std::move(format)),
        clock_(context.clock),
        uploader_(std::move(uploader)) {}
  ~RemoteFilePublisher() override { close(Milliseconds{0}); }

  Result<void> open(CompletionPort port) override {
    uploader_->resume();
    worker_.start(
        port, {.handle = [this](const Request& request) { return handle(request); }, .idle = {}});
    return {};
  }
  [[nodiscard]] Limits limits() const override {
    return {.events_per_request = events_per_file_,
            .bytes_per_request = kBytesPerRequest,
            .requests_in_flight = 1,
            .keeps_order = true};
  }
  void publish(Request request) override { worker_.push(std::move(request)); }
  [[nodiscard]] Result<bool> renew_credentials() override {
    // They are read for each upload.
    return true;
  }
  void close(Milliseconds limit) override {
    if (limit == Milliseconds{0}) uploader_->stop();
    worker_.stop(limit);
  }

 private:
  Response handle(const Request& request);
  [[nodiscard]] std::string name_of(const Request& request) const;

  const std::string name_;
  const std::string pattern_;
  const std::size_t events_per_file_;
  const FileFormat format_;
  FileContents contents_;
  const Clock& clock_;
  const std::unique_ptr<Uploader> uploader_;
  RequestWorker worker_;
};

Response RemoteFilePublisher::handle(const Request& request) {
  Response response{.outcomes = {Outcome::accepted}};
  const std::string_view contents = format_.contents_of(request, response, contents_);
  if (contents.empty()) return response;
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(contents.data()), contents.size());
  const Result<void> put = uploader_->put(name_of(request), bytes);
  crash_point("remote_file_written");
  if (put) return response;
  const bool is_refused = put.error().kind == ErrorKind::peer_refused;
  return {.outcomes = {is_refused ? Outcome::refused : Outcome::retry},
          .reason = put.error().message};
}

std::string RemoteFilePublisher::name_of(const Request& request) const {
  Hasher hasher;
  for (const Event* event : request.events) {
    hasher.update(event->id);
    hasher.update("\n");
  }
  const std::string id = upper(hasher.hex());
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.wall_now());
  std::string name = pattern_;
  replace_all(name, "{id}", std::string_view(id).substr(0, kIdDigits));
  replace_all(name, "{id1}", std::string_view(id).substr(0, kQualifierDigits));
  replace_all(name, "{id2}", std::string_view(id).substr(kQualifierDigits, kQualifierDigits));
  replace_all(name, "{date}", fmt::format("{:%Y%m%d}", now));
  replace_all(name, "{time}", fmt::format("{:%H%M%S}", now));
  replace_all(name, "{name}", name_);
  return name;
}

}  // namespace

std::vector<OptionSpec> remote_file_options() {
  return {std::begin(kOwnOptions), std::end(kOwnOptions)};
}

std::unique_ptr<Publisher> make_remote_file(const PublisherContext& context, const Options& options,
                                            std::unique_ptr<Uploader> uploader,
                                            Diagnostics& diagnostics) {
  const std::string& path = options.text("path");
  const auto has = [&](std::string_view part) { return path.find(part) != std::string::npos; };
  if (!has("{id}") && !(has("{id1}") && has("{id2}")) && !has("(+1)")) {
    diagnostics.error(options.where("path"),
                      "'path' needs {id}, {id1} and {id2}, or the generation (+1)",
                      "each request is a file of its own, and would replace the one before");
  }
  if (!transfer::is_sendable(path)) {
    diagnostics.error(options.where("path"), "'path' has control characters");
  }
  FileFormat format = read_file_format(options, diagnostics);
  if (diagnostics.error_count() > 0) return nullptr;
  return std::make_unique<RemoteFilePublisher>(context, options, std::move(format),
                                               std::move(uploader));
}

tl::unexpected<Error> put_failed(std::string_view what, const transfer::Answer& answer) {
  const bool is_away =
      answer.failure == transfer::Failure::away || answer.failure == transfer::Failure::stopped;
  return fail(is_away ? ErrorKind::peer_away : ErrorKind::peer_refused,
              std::string(what) + ": " + answer.message);
}

}  // namespace copybridge::publishers
