// Appending, syncing and rotating of output files, on a thread of its own since fsync may wait.
#include "bridge/publishers/file_publisher.h"

#include <optional>
#include <utility>
#include <vector>

#include "bridge/core/crash_point.h"
#include "bridge/core/log_events.h"
#include "bridge/publishers/file_body_publisher.h"
#include "bridge/publishers/file_format.h"
#include "bridge/publishers/name_pattern.h"
#include "bridge/publishers/part_file.h"
#include "bridge/publishers/request_worker.h"
#include "codecs/framing/options.h"

namespace copybridge::publishers {
namespace {

constexpr std::size_t kEventsPerRequest = 10'000;
constexpr std::size_t kBytesPerRequest = 8'000'000;

constexpr OptionSpec kOwnOptions[] = {
    {.name = "path",
     .type = OptionType::text,
     .required = true,
     .help = "Name of a finished file, relative to the bridge file; {name} is the publisher, "
             "{date} and {time} (UTC) the moment it is finished, {sequence} a running number. A "
             "name that is taken gets the next free number. Where it keeps bodies for a "
             "claim_check: {name} and {id}, which has to be there."},
    kFileFormatOption,
    {.name = "rotate_bytes",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Finish a file before it would grow beyond this size in bytes; 0: never. One batch "
             "of events is never split."},
    {.name = "rotate_seconds",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Finish a file when its first event is this old in seconds; 0: never.",
     .max = 31'622'400}};

struct Settings {
  std::string name;
  NamePattern pattern;
  std::filesystem::path part_path;
  FileFormat format;
  std::uint64_t rotate_bytes;
  std::chrono::seconds rotate_age;
};

class FilePublisher : public Publisher {
 public:
  FilePublisher(Settings settings, const PublisherContext& context)
      : settings_(std::move(settings)), log_(context.log), clock_(context.clock) {}
  ~FilePublisher() override { worker_.stop(Milliseconds{0}); }

  Result<void> open(CompletionPort port) override;
  Limits limits() const override;
  void publish(Request request) override { worker_.push(std::move(request)); }
  void close(Milliseconds limit) override;

 private:
  Response handle(const Request& request);
  Result<void> write(std::string_view bytes);
  Result<void> open_part();
  Result<void> finish_part();
  void finish_part_when_old();
  bool is_old() const;
  bool is_full(std::size_t more) const;

  const Settings settings_;
  Log& log_;
  const Clock& clock_;
  std::optional<PartFile> part_;
  SteadyTime part_started_;
  FileContents contents_;
  bool is_finishing_failed_ = false;
  RequestWorker worker_;
};

Result<void> FilePublisher::open(CompletionPort port) {
  if (auto made = make_directories(settings_.part_path.parent_path()); !made) {
    return fail(ErrorKind::storage, made.error().message);
  }
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(settings_.part_path, ignored))) {
    if (auto opened = open_part(); !opened) {
      return fail(ErrorKind::storage, opened.error().message);
    }
  }
  worker_.start(port, {.handle = [this](const Request& request) { return handle(request); },
                       .idle = [this] { finish_part_when_old(); }});
  return {};
}

Limits FilePublisher::limits() const {
  // Half: a line as CloudEvents is longer than what the pipeline counts for its event.
  const std::size_t rotate = settings_.rotate_bytes == 0
                                 ? kBytesPerRequest
                                 : static_cast<std::size_t>(settings_.rotate_bytes / 2 + 1);
  return {.events_per_request = kEventsPerRequest,
          .bytes_per_request = std::min(kBytesPerRequest, rotate),
          .requests_in_flight = 1,
          .keeps_order = true};
}

Response FilePublisher::handle(const Request& request) {
  Response response{.outcomes = {Outcome::accepted}};
  const std::string_view bytes = settings_.format.contents_of(request, response, contents_);
  const Result<void> written = bytes.empty() ? Result<void>() : write(bytes);
  if (written) return response;
  const bool is_refused = written.error().kind == ErrorKind::peer_refused;
  return {.outcomes = {is_refused ? Outcome::refused : Outcome::retry},
          .reason = written.error().message};
}

Result<void> FilePublisher::write(std::string_view bytes) {
  if (is_old() || is_full(bytes.size())) {
    if (auto finished = finish_part(); !finished) return finished;
  }
  if (!part_) {
    if (auto opened = open_part(); !opened) return opened;
  }
  Result<void> stored = part_->append(bytes);
  crash_point("file_publisher_written");
  if (stored) stored = part_->sync();
  if (stored) {
    crash_point("file_publisher_synced");
    return stored;
  }
  // Room is given back at once where the disk is full; where that fails the next append tries it.
  const Result<void> rewound = part_->rewind();
  if (part_->is_deleted()) part_.reset();
  return rewound ? stored : rewound;
}

Result<void> FilePublisher::open_part() {
  if (auto made = make_directories(settings_.part_path.parent_path()); !made) return made;
  Result<PartFile> opened = PartFile::open(settings_.part_path);
  if (!opened) return pass_on(opened);
  part_ = std::move(*opened);
  part_started_ = clock_.now();
  return {};
}

Result<void> FilePublisher::finish_part() {
  if (part_->size() == 0) {
    part_->remove();
    part_.reset();
    return {};
  }
  const WallTime now = clock_.wall_now();
  if (auto made = make_directories(settings_.pattern.expand(now, 1).parent_path()); !made) {
    return made;
  }
  std::filesystem::path path;
  for (std::uint64_t number = settings_.pattern.next_number(now);; ++number) {
    path = settings_.pattern.expand(now, number);
    const Result<bool> renamed = part_->rename_to(path);
    if (!renamed && part_->is_deleted()) part_.reset();
    if (!renamed) return pass_on(renamed);
    if (*renamed) break;
  }
  part_.reset();
  crash_point("file_publisher_renamed");
  if (auto synced = sync_directory(path.parent_path()); !synced) return synced;
  return sync_directory(settings_.part_path.parent_path());
}

void FilePublisher::finish_part_when_old() {
  if (!is_old()) return;
  const Result<void> finished = finish_part();
  if (!finished && !is_finishing_failed_) {
    log_storage_lost(log_, settings_.name, finished.error().message);
  }
  is_finishing_failed_ = !finished;
}

bool FilePublisher::is_old() const {
  return part_ && settings_.rotate_age.count() > 0 &&
         clock_.now() - part_started_ >= settings_.rotate_age;
}

bool FilePublisher::is_full(std::size_t more) const {
  return part_ && settings_.rotate_bytes > 0 && part_->size() > 0 &&
         part_->size() + more > settings_.rotate_bytes;
}

void FilePublisher::close(Milliseconds limit) {
  worker_.stop(limit);
  if (!part_) return;
  const Result<void> finished = finish_part();
  part_.reset();
  // Nothing is lost: the next start goes on with the part file.
  if (!finished) log_storage_lost(log_, settings_.name, finished.error().message);
}

std::unique_ptr<Publisher> make_file(const PublisherContext& context, const Options& options,
                                     Diagnostics& diagnostics) {
  if (context.keeps_bodies) return make_file_body_publisher(context, options, diagnostics);
  const std::size_t errors = diagnostics.error_count();
  FileFormat format = read_file_format(options, diagnostics);
  Result<NamePattern> pattern =
      NamePattern::parse(context.directory, options.text("path"), context.name);
  if (!pattern) {
    if (options.is_given("path")) {
      diagnostics.error(options.where("path"), "'path': " + pattern.error().message);
    }
    return nullptr;
  }
  if (diagnostics.error_count() > errors) return nullptr;
  std::string part_name = "." + context.name + ".part";
  for (char& character : part_name) {
    if (character == '/') character = '_';
  }
  return std::make_unique<FilePublisher>(
      Settings{.name = context.name,
               .pattern = *pattern,
               .part_path = pattern->fixed_directory() / part_name,
               .format = std::move(format),
               .rotate_bytes = static_cast<std::uint64_t>(options.integer("rotate_bytes")),
               .rotate_age = std::chrono::seconds(options.integer("rotate_seconds"))},
      context);
}

std::span<const OptionSpec> options_of_file() {
  static const std::vector<OptionSpec> options = framing::with_framing(kOwnOptions);
  return options;
}

}  // namespace

const PublisherKind kFilePublisher{
    .kind = "file",
    .help = "Writes JSON Lines or records to files, synced before an event counts as delivered.",
    .options = options_of_file(),
    .make = make_file,
    .can_keep_bodies = true};

}  // namespace copybridge::publishers
