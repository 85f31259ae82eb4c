// A body is written beside its name, synced, and gets the name where that is free.
#include "bridge/publishers/file_body_publisher.h"

#include <array>
#include <atomic>
#include <optional>
#include <utility>

#include "bridge/core/config.h"
#include "bridge/core/crash_point.h"
#include "bridge/core/percent.h"
#include "bridge/publishers/body_names.h"
#include "bridge/publishers/part_file.h"
#include "bridge/publishers/request_worker.h"

namespace copybridge::publishers {
namespace {

class FileBodyPublisher final : public Publisher {
 public:
  FileBodyPublisher(std::filesystem::path directory, BodyNames names)
      : directory_(std::move(directory)), names_(std::move(names)) {
    // Several of them may keep the same body at a time.
    static std::atomic<unsigned> made{0};
    part_ending_ = "." + std::to_string(++made) + ".part";
  }
  ~FileBodyPublisher() override { close(Milliseconds{0}); }

  Result<void> open(CompletionPort port) override {
    worker_.start(
        port, {.handle = [this](const Request& request) { return handle(request); }, .idle = {}});
    return {};
  }
  Limits limits() const override { return {}; }
  std::string reference_of(const Event& event) const override {
    return "file://" + percent_encoded(path_of(event).string(), "/");
  }
  void publish(Request request) override { worker_.push(std::move(request)); }
  void close(Milliseconds limit) override { worker_.stop(limit); }

 private:
  [[nodiscard]] std::filesystem::path path_of(const Event& event) const {
    return (directory_ / names_.expand(event)).lexically_normal();
  }
  [[nodiscard]] Response handle(const Request& request) const;
  [[nodiscard]] Result<void> put(const Event& event) const;

  const std::filesystem::path directory_;
  const BodyNames names_;
  std::string part_ending_;
  RequestWorker worker_;
};

Response FileBodyPublisher::handle(const Request& request) const {
  const Result<void> stored = put(*request.events.front());
  if (stored) return {.outcomes = {Outcome::accepted}};
  const bool is_refused = stored.error().kind == ErrorKind::peer_refused;
  return {.outcomes = {is_refused ? Outcome::refused : Outcome::retry},
          .reason = stored.error().message};
}

Result<void> FileBodyPublisher::put(const Event& event) const {
  const std::filesystem::path path = path_of(event);
  const std::filesystem::path folder = path.parent_path();
  if (auto made = make_directories(folder); !made) return made;
  if (const std::optional<std::string> kept = read_file(path)) {
    if (*kept == event.body) return sync_directory(folder);
    return fail(ErrorKind::peer_refused, path.string() + " holds something else");
  }
  const std::filesystem::path part_path = folder / ("." + path.filename().string() + part_ending_);
  std::error_code ignored;
  std::filesystem::remove(part_path, ignored);  // Of a run that was killed.
  Result<PartFile> part = PartFile::open(part_path);
  if (!part) return pass_on(part);
  if (auto written = part->append(event.body); !written) return written;
  if (auto synced = part->sync(); !synced) return synced;
  const Result<bool> renamed = part->rename_to(path);
  if (!renamed) return pass_on(renamed);
  if (!*renamed) return fail(ErrorKind::storage, path.string() + " came up meanwhile");
  crash_point("file_body_named");
  return sync_directory(folder);
}

}  // namespace

std::unique_ptr<Publisher> make_file_body_publisher(const PublisherContext& context,
                                                    const Options& options,
                                                    Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  constexpr std::array<std::string_view, 3> kNotForBodies = {"format", "rotate_bytes",
                                                             "rotate_seconds"};
  refuse_options_beside_bodies(options, kNotForBodies, diagnostics);
  Result<BodyNames> names = BodyNames::parse(options.text("path"), context.name);
  if (!names && options.is_given("path")) {
    diagnostics.error(options.where("path"), "'path' " + names.error().message);
  }
  if (!names || diagnostics.error_count() > errors) return nullptr;
  return std::make_unique<FileBodyPublisher>(std::filesystem::absolute(context.directory),
                                             std::move(*names));
}

}  // namespace copybridge::publishers
