// Two threads: one collects, one waits for the store.
#include "bridge/publishers/objects/object_publisher.h"

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/core/log_events.h"
#include "bridge/core/state.h"
#include "bridge/core/threads.h"
#include "bridge/publishers/objects/body_publisher.h"
#include "bridge/publishers/objects/collector.h"
#include "bridge/publishers/objects/uploader.h"

namespace copybridge::publishers::objects {
namespace {

constexpr std::size_t kRequestsInFlight = 100'000;
constexpr Milliseconds kLookAgain{1000};
/// Records, their events, and these as lines, of two objects: some three times the lines. An object
/// is settled with the one behind it where a request lies in both.
constexpr std::size_t kMemoryPerByte = 6;

/// What the uploading thread has to do.
struct Job {
  std::optional<Draft> draft = {};  ///< upload; nothing: look for what is undecided
  std::vector<std::uint64_t> obsolete = {};
};

/// What came of it.
struct Done {
  std::optional<Claim> stored;        ///< the draft's
  std::vector<Claim> found = {};      ///< undecided ones that are there
  std::vector<Rebuild> missing = {};  ///< and those that are not
  std::optional<Response> failure;
  std::size_t obsolete = 0;  ///< objects that are forgotten
  std::string room = {};     ///< memory of the draft
};

class ObjectPublisher final : public Publisher {
 public:
  ObjectPublisher(std::string_view kind, const PublisherContext& context, ObjectSettings settings,
                  http::ClientSettings client, std::unique_ptr<http::Authorizer> authorizer,
                  std::unique_ptr<ObjectStore> store)
      : kind_(kind),
        context_(context),
        settings_(std::move(settings)),
        store_(std::move(store)),
        channel_(std::move(client), std::move(authorizer)) {}
  ~ObjectPublisher() override { close(Milliseconds{0}); }

  Result<void> open(CompletionPort port) override;
  Limits limits() const override;
  std::size_t size_of(const Event& event) const override {
    return line_size(event, settings_.encoding.format);
  }
  void publish(Request request) override;
  void flush(std::size_t under_way) override;
  Result<bool> renew_credentials() override { return channel_.renew(); }
  void close(Milliseconds limit) override;

 private:
  void collect();
  void collect_one(std::unique_lock<std::mutex>& lock);
  void conclude(Done done);
  [[nodiscard]] bool has_work() const;
  [[nodiscard]] Milliseconds wait_limit() const;
  void start_job(Job job);

  void upload();
  [[nodiscard]] Done do_job(Job job);
  [[nodiscard]] Done look();
  void end_threads();

  const std::string kind_;
  const PublisherContext context_;
  const ObjectSettings settings_;
  const std::unique_ptr<ObjectStore> store_;
  Channel channel_;
  CompletionPort port_;
  std::optional<Collector> collector_;      ///< the collecting thread's
  std::optional<ObjectUploader> uploader_;  ///< the uploading thread's

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> inbox_;
  std::optional<std::size_t> nothing_comes_;  ///< while so many requests are held
  bool is_closing_ = false;
  bool is_undecided_ = false;  ///< what is under claimed names has to be found out first
  std::optional<Job> job_;
  std::optional<Done> done_;
  bool is_busy_ = false;  ///< a job is given and not concluded
  bool is_idle_ = true;   ///< nothing is held
  bool is_ending_ = false;
  std::thread collecting_;
  std::thread uploading_;
};

Result<void> ObjectPublisher::open(CompletionPort port) {
  if (context_.state == nullptr)
    return fail(ErrorKind::config, kind_ + ": needs a state directory");
  Result<Database> database = context_.state->open_database();
  if (!database) return pass_on(database);
  Result<ObjectClaims> claims =
      ObjectClaims::open(std::move(*database), context_.name + " " + store_->place());
  if (!claims) return pass_on(claims);
  Result<IdLedger> stored = claims->stored();
  if (!stored) return pass_on(stored);
  const Result<std::uint64_t> next = claims->next_sequence();
  if (!next) return pass_on(next);
  const Result<std::vector<Claim>> undecided = claims->undecided();
  if (!undecided) return pass_on(undecided);
  if (auto opened = channel_.open(); !opened) return opened;
  is_undecided_ = !undecided->empty();
  port_ = port;
  collector_.emplace(settings_.encoding, settings_.rolling, std::move(*stored));
  collector_->set_port(port);
  uploader_.emplace(UploaderParts{.publisher = context_.name,
                                  .store = *store_,
                                  .channel = channel_,
                                  .names = settings_.names,
                                  .has_manifest = settings_.has_manifest,
                                  .log = context_.log,
                                  .clock = context_.clock},
                    std::move(*claims), *next);
  is_ending_ = false;
  is_closing_ = false;
  collecting_ = std::thread([this] { collect(); });
  uploading_ = std::thread([this] { upload(); });
  return {};
}

/// A request holds what an object does, so that after a failure one alone can bring it again.
Limits ObjectPublisher::limits() const {
  return {.events_per_request = settings_.rolling.events,
          .bytes_per_request = settings_.rolling.bytes,
          .requests_in_flight = kRequestsInFlight,
          .keeps_order = true,
          .remembers_ids = true,
          .collects_bytes = kMemoryPerByte * settings_.rolling.bytes};
}

void ObjectPublisher::publish(Request request) {
  {
    const std::scoped_lock lock(mutex_);
    if (collecting_.joinable() && !is_ending_) {
      is_idle_ = false;
      nothing_comes_.reset();
      inbox_.push_back(std::move(request));
      changed_.notify_all();
      return;
    }
  }
  port_.post({.number = request.number,
              .outcomes = {Outcome::retry},
              .reason = kind_ + ": stopped before the object was uploaded"});
}

void ObjectPublisher::flush(std::size_t under_way) {
  const std::scoped_lock lock(mutex_);
  // What is being uploaded may be what the source waits for; it is said again where it is not.
  if (is_busy_) return;
  nothing_comes_ = under_way;
  changed_.notify_all();
}

bool ObjectPublisher::has_work() const {
  return is_ending_ || done_ || ((nothing_comes_ || is_closing_) && !is_busy_ && !is_idle_) ||
         (!inbox_.empty() && !(is_undecided_ && is_busy_));
}

void ObjectPublisher::collect() {
  block_signals_in_this_thread();
  std::unique_lock lock(mutex_);
  while (!is_ending_) {
    collect_one(lock);
    is_idle_ = inbox_.empty() && collector_->held() == 0;
    changed_.notify_all();
    changed_.wait_for(lock, wait_limit(), [this] { return has_work(); });
  }
}

void ObjectPublisher::collect_one(std::unique_lock<std::mutex>& lock) {
  if (done_) {
    Done done = std::move(*std::exchange(done_, std::nullopt));
    is_busy_ = false;
    conclude(std::move(done));
  }
  if (is_undecided_ && !is_busy_ && !inbox_.empty()) return start_job({});
  while (!is_undecided_ && !inbox_.empty()) {
    const Request request = std::move(inbox_.front());
    inbox_.pop_front();
    lock.unlock();
    collector_->take(request, context_.clock.now());
    lock.lock();
    if (done_ || is_ending_) return;
    if (!is_busy_ && collector_->has_full()) break;  // It goes up while the rest is taken.
  }
  if (is_busy_) return;
  const bool nothing_comes =
      inbox_.empty() && (is_closing_ || nothing_comes_ == collector_->held());
  nothing_comes_.reset();
  std::optional<Draft> draft = collector_->next(context_.clock.now(), nothing_comes);
  if (draft) start_job({.draft = std::move(draft), .obsolete = collector_->obsolete()});
}

void ObjectPublisher::conclude(Done done) {
  collector_->remove_obsolete(done.obsolete);
  for (const Claim& claim : done.found) collector_->note_found(claim);
  if (!done.failure) {
    if (done.stored) {
      is_undecided_ = !collector_->note_stored(*done.stored);
      return collector_->give_back(std::move(done.room));
    }
    is_undecided_ = false;
    return collector_->rebuild(std::move(done.missing));
  }
  is_undecided_ = true;
  done.failure->reason = kind_ + ": " + store_->place() + ": " + done.failure->reason;
  collector_->hand_back(*done.failure);
  for (const Request& request : std::exchange(inbox_, {})) {
    collector_->hand_back(request, *done.failure);
  }
}

Milliseconds ObjectPublisher::wait_limit() const {
  if (is_busy_) return kLookAgain;
  const SteadyTime due = collector_->next_due();
  if (due == SteadyTime::max()) return kLookAgain;
  const auto left = std::chrono::ceil<Milliseconds>(due - context_.clock.now());
  return std::clamp(left, Milliseconds(1), kLookAgain);
}

/// With the lock.
void ObjectPublisher::start_job(Job job) {
  is_busy_ = true;
  job_ = std::move(job);
  changed_.notify_all();
}

void ObjectPublisher::upload() {
  block_signals_in_this_thread();
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_ending_ || job_; });
    if (is_ending_) return;
    Job job = std::move(*std::exchange(job_, std::nullopt));
    lock.unlock();
    Done done = do_job(std::move(job));
    lock.lock();
    done_ = std::move(done);
    changed_.notify_all();
  }
}

Done ObjectPublisher::do_job(Job job) {
  if (!job.draft) return look();
  Stored<Claim> stored = uploader_->upload(*job.draft, job.obsolete);
  if (!stored) return {.stored = std::nullopt, .failure = std::move(stored.error())};
  return {.stored = std::move(*stored),
          .failure = std::nullopt,
          .obsolete = job.obsolete.size(),
          .room = std::move(job.draft->bytes)};
}

/// What of earlier attempts is there.
Done ObjectPublisher::look() {
  Done done;
  Result<std::vector<Claim>> undecided = uploader_->undecided();
  if (!undecided) {
    done.failure = {.outcomes = {Outcome::retry}, .reason = undecided.error().message};
    return done;
  }
  for (Rebuild& rebuild : rebuilds_of(std::move(*undecided))) {
    bool is_anothers = false;
    Stored<std::optional<Claim>> found = uploader_->find(rebuild.claims(), is_anothers);
    if (!found) {
      done.failure = std::move(found.error());
      return done;
    }
    if (*found) {
      done.found.push_back(std::move(**found));
    } else if (!is_anothers) {
      done.missing.push_back(std::move(rebuild));
    }
  }
  return done;
}

void ObjectPublisher::close(Milliseconds limit) {
  if (!collecting_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    const SteadyTime until = std::chrono::steady_clock::now() + limit;
    is_closing_ = true;
    changed_.notify_all();
    changed_.wait_until(lock, until, [this] { return is_idle_; });
  }
  end_threads();
  const Response failure{.outcomes = {Outcome::retry},
                         .reason = kind_ + ": stopped before the object was uploaded"};
  if (done_ && done_->stored) collector_->note_stored(*done_->stored);
  collector_->hand_back(failure);
  for (const Request& request : std::exchange(inbox_, {})) collector_->hand_back(request, failure);
}

void ObjectPublisher::end_threads() {
  {
    const std::scoped_lock lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  channel_.stop();
  collecting_.join();
  uploading_.join();
  collecting_ = {};
  uploading_ = {};
}

constexpr std::array<std::string_view, 7> kNotForBodies = {
    "format",       "compression",  "compression_level", "roll_bytes",
    "roll_records", "roll_seconds", "manifest"};

std::optional<BodyNames> read_body_names(const PublisherContext& context, const Options& options,
                                         Diagnostics& diagnostics) {
  refuse_options_beside_bodies(options, kNotForBodies, diagnostics);
  const std::string pattern =
      options.is_given("path") ? options.text("path") : std::string("{name}/{id}.json");
  Result<BodyNames> names = BodyNames::parse(pattern, context.name);
  if (names && is_plain_path(pattern)) return std::move(*names);
  diagnostics.error(
      options.where("path"),
      "'path' " + (names ? std::string("is no name of an object") : names.error().message));
  return std::nullopt;
}

}  // namespace

ObjectSettings read_object_settings(const PublisherContext& context, const Options& options,
                                    Diagnostics& diagnostics) {
  ObjectSettings settings;
  if (context.keeps_bodies) {
    settings.bodies = read_body_names(context, options, diagnostics);
    return settings;
  }
  settings.encoding.format = line_format_of(options);
  const std::string& word = options.text("compression");
  const std::int64_t level = options.integer("compression_level");
  if (word == "gzip") {
    settings.encoding.compression = Compression::gzip;
    settings.encoding.level = level == 0 ? 6 : static_cast<int>(level);
    if (level > 9) {
      diagnostics.error(options.where("compression_level"), "gzip has the levels 1 to 9");
    }
  } else if (word == "zstd") {
    settings.encoding.compression = Compression::zstd;
    settings.encoding.level = level == 0 ? 3 : static_cast<int>(level);
  } else if (level != 0) {
    diagnostics.error(options.where("compression_level"),
                      "'compression_level' needs 'compression: gzip' or 'zstd'");
  }
  settings.rolling = {.bytes = static_cast<std::size_t>(options.integer("roll_bytes")),
                      .events = static_cast<std::size_t>(options.integer("roll_records")),
                      .age = std::chrono::seconds(options.integer("roll_seconds"))};
  settings.has_manifest = options.boolean("manifest");
  Result<ObjectNames> names =
      ObjectNames::parse(options.text("path"), context.name, settings.encoding.extension());
  if (names) {
    settings.names = std::move(*names);
  } else {
    diagnostics.error(options.where("path"), "'path': " + names.error().message);
  }
  return settings;
}

std::unique_ptr<Publisher> make_object_publisher(std::string_view kind,
                                                 const PublisherContext& context,
                                                 ObjectSettings settings,
                                                 http::ClientSettings client,
                                                 std::unique_ptr<http::Authorizer> authorizer,
                                                 std::unique_ptr<ObjectStore> store) {
  if (settings.bodies) {
    return make_body_publisher(kind, std::move(*settings.bodies), std::move(client),
                               std::move(authorizer), std::move(store));
  }
  return std::make_unique<ObjectPublisher>(kind, context, std::move(settings), std::move(client),
                                           std::move(authorizer), std::move(store));
}

}  // namespace copybridge::publishers::objects
